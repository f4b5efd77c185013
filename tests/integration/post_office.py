"""A mail server on the loopback interface, with TLS and a login where a test wants them."""

from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine.clock import SystemClock
from tests.integration.receivers import free_port

DAY = dt.timedelta(days=1)


class Postbox:
    """Keeps what it is given; answers as it is told to."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.answer = "250 taken"
        self.to = "250 fine"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.to

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            letter = message_from_bytes(envelope.content or b"", policy=default)  # type: ignore[arg-type]
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
        return self.answer


class Loopback(Controller):
    """A controller on a free port."""

    def __init__(self, postbox: Postbox, **more: Any) -> None:
        super().__init__(postbox, hostname="127.0.0.1", port=free_port(), **more)


@contextmanager
def post_office(**more: Any) -> Iterator[tuple[Postbox, int]]:
    postbox = Postbox()
    controller = Loopback(postbox, **more)
    controller.start()
    try:
        yield postbox, controller.port
    finally:
        controller.stop()


def certificate_for_localhost(folder: Path) -> Path:
    """A certificate for localhost and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = SystemClock().now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "localhost.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def context(certificate: Path) -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(certificate)
    return made
