"""The server itself: a port of its own, tokens, faults on demand, and a log of what was asked."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import api, commits, control, files, xet  # noqa: F401 - they register their routes
from .errors import HubError, invalid_token
from .http import Request, Response, handlers
from .store import Store


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request.

    Attributes:
        status: answer with this status in place of the true answer; ``None`` cuts the connection.
        served: whether the request takes effect before.
    """

    status: int | None = None
    served: bool = False


class LoopbackHub:
    """A Hub on ``127.0.0.1``, on a free port, until it is closed.

    Attributes:
        store: what it holds.
        tokens: user and role ("read" or "write") of each token.
        organizations: the organizations of each user.
        requests: (method, path, status) of all requests so far, 0 for a connection that was cut.
        fault: called with the number of each request from 0 on, and the request; gives a ``Fault``
            or ``None``.
        page_size: items on a page of a listing.
        xet_folder: where Xet keeps its chunks; ``None`` for a Hub that serves plain LFS alone.
    """

    def __init__(self, xet_folder: Path | None = None) -> None:
        self.store = Store()
        self.tokens = {"hf_write": ("ada", "write"), "hf_read": ("ada", "read")}
        self.tokens |= {"hf_other": ("bob", "write")}
        self.organizations = {"ada": ["analysts"], "bob": []}
        self.requests: list[tuple[str, str, int]] = []
        self.fault: Callable[[int, Request], Fault | None] = lambda number, request: None
        self.page_size = 1000
        self.xet_folder = xet_folder
        self.lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_class(self))
        self._server.daemon_threads = True
        # Polling less often would make each close wait.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def storage(self) -> str:
        """Where large files lie: another host by name, as the client takes it for a redirect."""
        return f"http://localhost:{self.port}"

    def __enter__(self) -> "LoopbackHub":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def may_read(self, request: Request, owner: str, private: bool) -> bool:
        return not private or self._belongs(request.user, owner)

    def may_write(self, request: Request, owner: str) -> bool:
        return request.role == "write" and self._belongs(request.user, owner)

    def _belongs(self, user: str | None, owner: str) -> bool:
        return user is not None and (user == owner or owner in self.organizations.get(user, []))

    def answer(self, request: Request) -> Response:
        """Answer a request, refusals included."""
        try:
            bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
            if bearer:
                if bearer not in self.tokens:
                    raise invalid_token()
                user, role = self.tokens[bearer]
                request = replace(request, user=user, role=role)
            for handler, parts in handlers(request):
                return handler(self, request, **parts)
            raise HubError(404, f"The test's Hub knows no {request.method} {request.path}.")
        except HubError as error:
            headers = {"X-Error-Message": error.message, **error.headers}
            if error.code:
                headers["X-Error-Code"] = error.code
            return Response.json({"error": error.message}, error.status, **headers)


def _handler_class(hub: LoopbackHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def serve(self) -> None:
            body = self._body()
            url = urlsplit(self.path)
            request = Request(
                method=self.command,
                path=url.path,
                query=parse_qs(url.query),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=body,
                host=self.headers.get("Host", ""),
            )
            with hub.lock:
                number = len(hub.requests)
                hub.requests.append((request.method, self.path, 0))
                fault = hub.fault(number, request)
                response = Response()
                if fault is None or fault.served:
                    response = hub.answer(request)
                if fault is not None:
                    if fault.status is None:
                        self.close_connection = True
                        return
                    response = Response.json({"error": "injected"}, fault.status)
                hub.requests[number] = (request.method, self.path, response.status)
            self._send(response)

        def _body(self) -> bytes:
            if "chunked" in self.headers.get("Transfer-Encoding", ""):
                parts = []
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(parts)
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))

        def _send(self, response: Response) -> None:
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(response.body)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = serve  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            """Keep still: ``hub.requests`` is the log."""

    return Handler
