"""Time stamps (RFC 3161): read out of DER without trusting a byte; their signatures by openssl."""

from __future__ import annotations

import base64
import binascii
import calendar
import hashlib
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from adapters.bundle.verifier.tree import Digest, digest_named
from adapters.bundle.verifier.trouble import Bad, brief

LARGEST_STAMP = 200_000
MOST_STAMPS = 5000
OPENSSL_SECONDS = 60

_INTEGER, _OCTETS, _OID, _TIME, _SEQUENCE, _INSIDE = 2, 4, 6, 24, 48, 160
_SIGNED_DATA = "2a864886f70d010702"
_TST_INFO = "2a864886f70d0109100104"
_HASHES = {
    "608648016503040201": "sha256",
    "608648016503040202": "sha384",
    "608648016503040203": "sha512",
    "2a811ccf55018311": "sm3",
}
_GRANTED = (0, 1)
_GENERALIZED_TIME = re.compile(rb"(\d{14})(?:\.(\d{1,9}))?Z")


class TimeStamp(NamedTuple):
    """What an authority says: that it saw a message with this hash at this moment."""

    size: int
    authority: str
    token: bytes
    hashing: str
    imprint: bytes
    moment: str
    seconds: int
    """The moment as openssl reads it."""


def stamp_of(row: Any, item: str) -> TimeStamp:
    """Return the time stamp that a row of the log holds."""
    if not isinstance(row, dict) or tuple(row) != ("authority", "size", "token"):
        raise Bad(item, "wrong-members", "authority, size, token")
    token = _decoded(row["token"])
    if type(row["size"]) is not int or not 0 < len(token) <= LARGEST_STAMP:
        raise Bad(item, "not-a-stamp")
    try:
        hashing, imprint, moment, seconds = _read(token)
    except (ValueError, IndexError, OverflowError) as error:
        raise Bad(item, "not-a-stamp", brief(error)) from None
    return TimeStamp(row["size"], brief(row["authority"]), token, hashing, imprint, moment, seconds)


def require_imprint(stamp: TimeStamp, note: str, item: str) -> None:
    """Make sure that a time stamp is of this note."""
    if _digest(stamp.hashing)(note.encode()) != stamp.imprint:
        raise Bad(item, "stamp-of-another")


def openssl() -> str:
    """Return where openssl is; empty where it is not."""
    return shutil.which("openssl") or ""


def require_signature(stamp: TimeStamp, note: str, trust: str, item: str) -> None:
    """Have openssl make sure that the authority signed, below a certificate in ``trust``."""
    with tempfile.TemporaryDirectory() as folder:
        token, data = Path(folder, "token"), Path(folder, "note")
        token.write_bytes(stamp.token)
        data.write_bytes(note.encode())
        words = [openssl(), "ts", "-verify", "-in", str(token), "-data", str(data)]
        words += ["-CAfile", str(Path(trust).resolve()), "-attime", str(stamp.seconds)]
        try:
            done = subprocess.run(  # noqa: S603 - no shell, and no word of it comes from the bundle
                words, check=False, capture_output=True, timeout=OPENSSL_SECONDS
            )
        except subprocess.TimeoutExpired:
            raise Bad(item, "stamp-signature", "openssl") from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or [""]
        raise Bad(item, "stamp-signature", brief(said[-1]))


def _digest(name: str) -> Digest:
    if name == "sm3":
        return digest_named(name)
    return lambda data: hashlib.new(name, data).digest()


def _decoded(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        return b""


def _read(token: bytes) -> tuple[str, bytes, str, int]:
    """Return hash function, imprint and moment of a whole answer of an authority."""
    status, content = _parts(_only(token, _SEQUENCE))[:2]
    if int.from_bytes(_held(_parts(_held(status, _SEQUENCE))[0], _INTEGER), "big") not in _GRANTED:
        raise ValueError("refused")
    kind, inside = _parts(_held(content, _SEQUENCE))
    _require(kind, _SIGNED_DATA)
    signed = _parts(_held(_parts(_held(inside, _INSIDE))[0], _SEQUENCE))
    kind, inside = _parts(_held(signed[2], _SEQUENCE))
    _require(kind, _TST_INFO)
    info = _parts(_only(_held(_parts(_held(inside, _INSIDE))[0], _OCTETS), _SEQUENCE))
    algorithm, imprint = _parts(_held(info[2], _SEQUENCE))
    name = _held(_parts(_held(algorithm, _SEQUENCE))[0], _OID).hex()
    if name not in _HASHES:
        raise ValueError("its hash function is not known")
    return (_HASHES[name], _held(imprint, _OCTETS), *_moment(_held(info[4], _TIME)))


def _moment(text: bytes) -> tuple[str, int]:
    found = _GENERALIZED_TIME.fullmatch(text)
    if found is None:
        raise ValueError("no moment")
    read = time.strptime(found[1].decode(), "%Y%m%d%H%M%S")
    part = f".{found[2].decode()}" if found[2] else ""
    return time.strftime("%Y-%m-%dT%H:%M:%S", read) + f"{part}Z", calendar.timegm(read)


Element = tuple[int, bytes]
"""Tag and content of one thing in DER."""


def _parts(data: bytes) -> list[Element]:
    """Return what stands one behind the other; of lengths only those that DER allows."""
    found, place = [], 0
    while place < len(data):
        tag, length, begin = data[place], data[place + 1], place + 2
        if length >= 128:  # noqa: PLR2004 - from here on it says how many bytes say it
            count = length - 128
            digits = data[begin : begin + count]
            if not 0 < count <= 4 or len(digits) != count or digits[0] == 0:  # noqa: PLR2004
                raise ValueError("an odd length")
            length, begin = int.from_bytes(digits, "big"), begin + count
        if begin + length > len(data):
            raise ValueError("it is cut off")
        found.append((tag, data[begin : begin + length]))
        place = begin + length
    return found


def _only(data: bytes, tag: int) -> bytes:
    (element,) = _parts(data)
    return _held(element, tag)


def _held(element: Element, tag: int) -> bytes:
    if element[0] != tag:
        raise ValueError(f"{element[0]} stands where {tag} should")
    return element[1]


def _require(element: Element, oid: str) -> None:
    if _held(element, _OID).hex() != oid:
        raise ValueError("it is of another kind")
