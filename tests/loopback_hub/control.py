"""What a client's process asks of the server for the test's sake: faults, and a look inside."""

from typing import TYPE_CHECKING

from .http import Request, Response, route

if TYPE_CHECKING:
    from .server import LoopbackHub


@route("POST", "/_test/fault")
def fault(hub: "LoopbackHub", request: Request) -> Response:
    """Let the ``at``-th request from now on fail, and with ``lasting`` all that follow.

    Or let all fail whose path holds ``path``.

    ``status`` is what it is answered, 0 for a connection that is cut, ``served`` whether it takes
    effect nevertheless; ``at`` -1 ends it.
    """
    from .server import Fault

    asked, start = request.json(), len(hub.requests)
    wanted = Fault(asked.get("status") or None, bool(asked.get("served")))

    def decide(number: int, request: Request) -> Fault | None:
        if request.path.startswith("/_test/"):
            return None
        if "path" in asked:
            return wanted if asked["path"] in request.path else None
        if asked["at"] < 0:
            return None
        place = number - start
        hit = place >= asked["at"] if asked.get("lasting") else place == asked["at"]
        return wanted if hit else None

    hub.fault = decide
    return Response.json({})


@route("GET", "/_test/state")
def state(hub: "LoopbackHub", request: Request) -> Response:
    """Return all that the server holds: refs and files of each repository, and the requests."""
    repos = {
        f"{kind} {id}": {
            "branches": repo.branches,
            "tags": repo.tags,
            "pulls": {ref: pull.head for ref, pull in repo.pulls.items()},
            "files": sorted(repo.resolve("main").files),
        }
        for (kind, id), repo in hub.store.repos.items()
    }
    asked = [f"{m} {path}" for m, path, _ in hub.requests if not path.startswith("/_test/")]
    return Response.json({"repos": repos, "requests": asked})
