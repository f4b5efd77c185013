"""The local port for `/healthz`, `/readyz` and `/metrics`; its thread never asks the database."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from threading import Thread

import structlog

from engine.errors import N_, Refused

log = structlog.get_logger(__name__)

LOOPBACK = "127.0.0.1"
PLAIN = "text/plain; charset=utf-8"
PATIENCE = 10
"""Seconds that a client may take to ask."""

Answer = tuple[HTTPStatus, str, bytes]


class ListenRefused(Refused):
    """The daemon cannot listen there."""

    code = "listen"
    template = N_(
        "The daemon cannot listen on {address}: {problem}. Name another, such as 127.0.0.1:9464."
    )


def address_of(text: str) -> tuple[str, int]:
    """Return host and port of ``9464``, ``HOST:9464`` or ``[::1]:9464``; alone, a port is local.

    Raises:
        ListenRefused: it is none of these.

    """
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or LOOPBACK
    if not port.isascii() or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - ports end there
        raise ListenRefused(address=text, problem=N_("it names no port"))
    return host, int(port)


@contextmanager
def listening(address: str, answers: Callable[[str], Answer | None]) -> Iterator[int]:
    """Answer what is asked at ``address`` while the block runs; yield the port.

    Raises:
        ListenRefused: it cannot be listened on.

    """
    host, port = address_of(address)
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        server = _server(family, host, port, answers)
    except OSError as error:
        raise ListenRefused(address=address, problem=error.strerror or str(error)) from None
    bound = server.server_address
    if not ip_address(str(bound[0])).is_loopback:
        log.warning("metrics.not_local", address=address)
    log.info("metrics.listening", port=bound[1])
    thread = Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield int(bound[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _server(
    family: int, host: str, port: int, answers: Callable[[str], Answer | None]
) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE
        server_version = "duban"
        sys_version = ""

        def do_GET(self) -> None:
            self._answer(body=True)

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def _answer(self, *, body: bool) -> None:
            found = answers(self.path.partition("?")[0])
            status, kind, content = found or (HTTPStatus.NOT_FOUND, PLAIN, b"not found\n")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if body:
                self.wfile.write(content)

        def log_message(self, *_values: object) -> None:
            """Keep requests out of the log: there is one every few seconds."""

    class Server(ThreadingHTTPServer):
        address_family = family
        daemon_threads = True

    return Server((host, port), Handler)
