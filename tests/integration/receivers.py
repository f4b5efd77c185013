"""Real receivers on the loopback interface: HTTP servers that behave, and that do not."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from engine.events import Event, Kind
from engine.message import Message
from engine.ports import Notice, NoticeItem

MOMENT = datetime(2024, 7, 10, 1, tzinfo=UTC)


@dataclass
class Asked:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """An HTTP server; ``answer`` decides what becomes of a request."""

    asked: list[Asked] = field(default_factory=list)
    status: int = 200
    answer: bytes = b'{"errcode": 0, "errmsg": "ok"}'
    headers: dict[str, str] = field(default_factory=dict)
    port: int = 0
    stalls: bool = False
    """Takes the request and never answers, until the test is over."""
    breaks_off: bool = False
    """Promises an answer and goes away in the middle of it."""
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver for a while."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            receiver.asked.append(Asked(self.path, dict(self.headers), body))
            if receiver.stalls:
                receiver.over.wait()
                return
            self.send_response(receiver.status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            promised = len(receiver.answer) + (100 if receiver.breaks_off else 0)
            self.send_header("Content-Length", str(promised))
            self.end_headers()
            self.wfile.write(receiver.answer)
            self.close_connection = True

        do_GET = do_POST  # noqa: N815 - http.server's name

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def speaking(conversation: Callable[[socket.socket], object]) -> Iterator[int]:
    """Run a server that holds ``conversation`` with whoever connects; yield its port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                conversation(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def notice(recipient: str = "zhang", channel: str = "here", key: str = "") -> Notice:
    event = Event(
        instance="qz-2024",
        sequence=1,
        kind=Kind.REMINDED,
        actor="daemon",
        occurred_at=MOMENT,
        recorded_at=MOMENT,
        position=7,
    )
    item = NoticeItem(event=7, recipient=recipient, channel=channel)
    return Notice(
        id=1,
        key=key or f"{recipient}/{channel}/7",
        recipient=recipient,
        channel=channel,
        created_at=MOMENT,
        items=((item, event),),
    )


def message(matters: int = 2, **more: Any) -> Message:
    parts = tuple(f"制定方案初稿{n}\n   时限：2024-07-10" for n in range(1, matters + 1))
    return Message(
        subject="督办通知：1 项逾期",
        heading="张三：请办理。",
        matters=parts,
        text="\n\n".join(["张三：请办理。", *parts]) + "\n",
        html="<html><body><p>请办理</p></body></html>",
        thread="qz-2024",
        cycle="qz-2024",
        **more,
    )
