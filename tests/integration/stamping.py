"""A time-stamping authority on the loopback interface: openssl ts behind a real HTTP server."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CONFIGURATION = """
[tsa]
default_tsa = own
[own]
dir = {folder}
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = yes
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[extensions]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
basicConstraints = critical,CA:FALSE
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[req]
distinguished_name = name
[name]
"""


@dataclass
class TimeStamper:
    """The authority; ``broken`` lets it answer with something else."""

    folder: Path
    port: int = 0
    asked: list[bytes] = field(default_factory=list)
    broken: bytes | None = None
    again: bytes | None = None
    """An answer to another question, given once more."""
    last: bytes = b""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/tsa"

    @property
    def trust(self) -> Path:
        return self.folder / "ca.pem"

    def reply(self, query: bytes) -> bytes:
        self.asked.append(query)
        if self.broken is not None:
            return self.broken
        if self.again is not None:
            return self.again
        (self.folder / "query").write_bytes(query)
        _openssl(
            self.folder,
            *("ts", "-reply", "-config", "tsa.cnf", "-section", "own"),
            *("-queryfile", "query", "-out", "answer"),
        )
        self.last = (self.folder / "answer").read_bytes()
        return self.last


@contextmanager
def stamping(folder: Path) -> Iterator[TimeStamper]:
    """Make an authority in ``folder`` and let it answer for a while."""
    folder.mkdir()
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIGURATION.format(folder=folder))
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    _openssl(
        folder,
        *("req", "-x509", *curve, "-config", "tsa.cnf", "-extensions", "authority"),
        *("-subj", "/CN=test root", "-days", "30", "-keyout", "ca.key", "-out", "ca.pem"),
    )
    _openssl(
        folder,
        *("req", *curve, "-config", "tsa.cnf", "-subj", "/CN=test stamps"),
        *("-keyout", "tsa.key", "-out", "tsa.csr"),
    )
    _openssl(
        folder,
        *("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key"),
        *("-CAcreateserial", "-extfile", "tsa.cnf", "-extensions", "extensions"),
        *("-days", "30", "-out", "tsa.pem"),
    )
    stamper = TimeStamper(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            good = self.headers["Content-Type"] == "application/timestamp-query"
            answer = stamper.reply(query) if good else b""
            self.send_response(200 if good else 415)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stamper.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stamper
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)  # noqa: S607 - the system's own
