"""Who may see and change a repository."""

from typing import TYPE_CHECKING

from .errors import HubError, forbidden, repo_not_found
from .http import Request
from .store import Repo

if TYPE_CHECKING:
    from .server import LoopbackHub


def readable(hub: "LoopbackHub", request: Request, kind: str, id: str) -> Repo:
    """Return a repository; one that the asking one may not read is as if it were not there."""
    repo = hub.store.repos.get((kind, id))
    if repo is None or not hub.may_read(request, repo.owner, repo.private):
        if request.user is None:  # it might be there for somebody
            raise HubError(401, "Invalid username or password.", "RepoNotFound")
        raise repo_not_found()
    return repo


def writable(hub: "LoopbackHub", request: Request, kind: str, id: str) -> Repo:
    """Return a repository that the asking one may change."""
    repo = readable(hub, request, kind, id)
    if not hub.may_write(request, repo.owner):
        raise forbidden()
    return repo


def signed_in(request: Request) -> str:
    """Return the user of a request."""
    if request.user is None:
        raise HubError(401, "Invalid username or password.")
    return request.user
