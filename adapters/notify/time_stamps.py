"""Time stamps of checkpoints by an authority outside (RFC 3161), and what they are worth."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.notify.http import Address, post
from engine.errors import N_, DeliveryFailed, EngineError
from engine.log import Sealed, Stamp

_QUERY = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
_SHA256 = "2.16.840.1.101.3.4.2.1"


class StampTrouble(EngineError):
    """A time stamp is not worth anything."""

    code = "time-stamp"
    template = N_("The time stamp of {authority} for the checkpoint {size} fails: {problem}.")


class NoStamps(EngineError):
    """Time stamps cannot be had here."""

    code = "no-time-stamps"
    template = N_(
        "Time stamps need one more package; install it with: pip install duban[timestamp]"
    )


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamping authority."""

    name: str
    every: timedelta
    address: Address
    trust: Path | None = None
    """The certificates, in PEM, from which its own descends."""

    def tell(self, sealed: Sealed, attempts: int) -> Stamp | None:
        """Ask for a time stamp, and keep it only if it holds."""
        client = _client()
        message = sealed.note.encode()
        builder = client.TimestampRequestBuilder()
        request = builder.data(message).nonce(nonce=True).cert_request(cert_request=True).build()
        key = f"checkpoint/{self.name}/{sealed.size}"
        answer = post(self.address, key, request.as_bytes(), _QUERY)
        stamp = Stamp(
            size=sealed.size, authority=self.name, token=answer, received_at=sealed.sealed_at
        )
        try:
            found = read(stamp)
            if found.tst_info.nonce != request.nonce:
                raise trouble(stamp, N_("it answers another question"))
            check(stamp, sealed, self.trust)
        except StampTrouble as error:
            problem = str(error.values["problem"])
            raise DeliveryFailed(key=key, channel=self.name, problem=problem) from None
        return stamp


def check(stamp: Stamp, sealed: Sealed, trust: Path | None) -> datetime:
    """Return when the authority saw the checkpoint.

    Without ``trust`` nobody vouches that it was the authority.

    Raises:
        StampTrouble: the stamp is of something else, or of somebody who is not trusted.
        NoStamps: the package that reads stamps is not installed.

    """
    client = _client()
    found = read(stamp)
    message = sealed.note.encode()
    imprint = found.tst_info.message_imprint
    if imprint.hash_algorithm.dotted_string not in (_SHA256, *_HASHES):
        raise trouble(stamp, N_("its hash is not known here"))
    digest = hashlib.new(_HASHES.get(imprint.hash_algorithm.dotted_string, "sha256"), message)
    if imprint.message != digest.digest():
        raise trouble(stamp, N_("it is of something else"))
    if trust is not None:
        builder = client.VerifierBuilder()
        for certificate in _certificates(stamp, trust):
            builder = builder.add_root_certificate(certificate)
        try:
            builder.build().verify_message(found, message)
        except (client.VerificationError, ValueError):
            raise trouble(
                stamp, N_("its signature is not of an authority that is trusted")
            ) from None
    moment: datetime = found.tst_info.gen_time
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_HASHES = {"2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}


def read(stamp: Stamp) -> Any:
    """Return the answer of an authority.

    Raises:
        StampTrouble: it is none, or a refusal.

    """
    try:
        found = _client().decode_timestamp_response(stamp.token)
        found.tst_info.message_imprint  # noqa: B018 - a refusal has none
    except (ValueError, TypeError, AttributeError):
        raise trouble(stamp, N_("the authority gave none")) from None
    return found


def trouble(stamp: Stamp, problem: str) -> StampTrouble:
    """Return what is wrong with a stamp."""
    return StampTrouble(authority=stamp.authority, size=stamp.size, problem=problem)


def _client() -> Any:
    try:
        import rfc3161_client  # noqa: PLC0415 - an extra
    except ImportError:
        raise NoStamps from None
    return rfc3161_client


def _certificates(stamp: Stamp, trust: Path) -> list[Any]:
    from cryptography import x509  # noqa: PLC0415 - only where stamps are

    try:
        return x509.load_pem_x509_certificates(trust.read_bytes())
    except OSError as error:
        raise trouble(stamp, error.strerror or N_("it cannot be read")) from None
    except ValueError:
        raise trouble(stamp, N_("the file of trusted certificates holds none")) from None
