"""Requests, responses and routes, without a thought of what is asked for."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote


@dataclass(frozen=True)
class Request:
    """One request; ``user`` is the one whose token it bears, and ``role`` what the token may do."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    host: str
    user: str | None = None
    role: str = "read"

    def json(self) -> Any:
        return json.loads(self.body or b"{}")

    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode())

    def flag(self, name: str) -> bool:
        """Check whether a query parameter is set to something true."""
        return self.query.get(name, ["0"])[0].lower() not in ("0", "false", "")


@dataclass(frozen=True)
class Response:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, content: Any, status: int = 200, **headers: str) -> "Response":
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(
            status, json.dumps(content).encode(), {"Content-Type": "application/json", **named}
        )


Handler = Callable[..., Response]
_ROUTES: list[tuple[str, re.Pattern[str], Handler]] = []
# A segment stays percent-encoded until it has been cut out: revisions and paths may hold "/".
_PARTS = {
    "kind": r"(?P<kind>model|dataset|space)s",
    "prefix": r"(?P<prefix>datasets/|spaces/|)",
    "repo": r"(?P<repo>[^/]+/[^/]+?)",
}


def route(method: str, path: str) -> Callable[[Handler], Handler]:
    """Register a handler for a path; ``{name}`` is a segment, ``{name*}`` the rest of the path."""
    pattern = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+)", path)
    pattern = re.sub(
        r"\{(\w+)\}", lambda m: _PARTS.get(m.group(1), rf"(?P<{m.group(1)}>[^/]+)"), pattern
    )

    def register(handler: Handler) -> Handler:
        _ROUTES.append((method, re.compile(pattern), handler))
        return handler

    return register


def handlers(request: Request) -> Iterator[tuple[Handler, dict[str, str]]]:
    """Yield the handlers of a request, with the parts of its path."""
    method = "GET" if request.method == "HEAD" else request.method
    for registered, pattern, handler in _ROUTES:
        match = pattern.fullmatch(request.path)
        if registered == method and match is not None:
            yield handler, {name: unquote(part) for name, part in match.groupdict().items()}


def ranged(request: Request, content: bytes, **headers: str) -> Response:
    """Answer with a content, or with the range of it that was asked for."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named |= {"Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"}
    asked = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", ""))
    if asked is None or not (asked[1] or asked[2]):
        return Response(200, content, named)
    size = len(content)
    if asked[1]:
        start, stop = int(asked[1]), min(int(asked[2] or size - 1), size - 1)
    else:  # the last so many bytes
        start, stop = max(size - int(asked[2]), 0), size - 1
    if start > stop:
        return Response(416, b"", named | {"Content-Range": f"bytes */{size}"})
    named["Content-Range"] = f"bytes {start}-{stop}/{size}"
    return Response(206, content[start : stop + 1], named)
