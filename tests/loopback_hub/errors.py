"""What the Hub answers when it refuses; clients tell the reasons apart by ``X-Error-Code``."""


class HubError(Exception):
    """A refusal: HTTP status, message, code where the Hub gives one, and further headers."""

    def __init__(self, status: int, message: str, code: str | None = None, **headers: str) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.headers = status, message, code, headers


def repo_not_found() -> HubError:
    """A repository that is not there, or that the asking one may not know of."""
    return HubError(404, "Repository not found", "RepoNotFound")


def revision_not_found(repo: str, revision: str) -> HubError:
    return HubError(404, f"Invalid rev id: {revision} in {repo}", "RevisionNotFound")


def entry_not_found(message: str, **headers: str) -> HubError:
    return HubError(404, message, "EntryNotFound", **headers)


def invalid_token() -> HubError:
    return HubError(401, "Invalid credentials in Authorization header")


def forbidden(message: str = "You don't have the rights to do this.") -> HubError:
    return HubError(403, message)
