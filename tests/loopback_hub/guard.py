"""Imported first in a client's process: from then on no host but this machine can be reached."""

import ipaddress
import os
import socket
from typing import Any


class NotLoopbackError(OSError):
    """Something tried to reach another machine."""


def _check(host: Any) -> None:
    if isinstance(host, bytes):
        host = host.decode()
    if host in (None, "", "localhost"):
        return
    try:
        if ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    raise NotLoopbackError(f"a test tried to reach {host}")


def install() -> None:
    """Refuse every other host, and an endpoint that is none of ours."""
    endpoint = os.environ.get("HF_ENDPOINT", "")
    if not endpoint.startswith("http://127.0.0.1:"):
        raise NotLoopbackError(f"HF_ENDPOINT is {endpoint!r}, expected a server on 127.0.0.1")
    for name in ("connect", "connect_ex"):
        original = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any, original: Any = original) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                _check(address[0])
            return original(self, address)

        setattr(socket.socket, name, guarded)
    look_up = socket.getaddrinfo

    def guarded_look_up(host: Any, *arguments: Any, **named: Any) -> Any:
        _check(host)
        return look_up(host, *arguments, **named)

    socket.getaddrinfo = guarded_look_up


install()
