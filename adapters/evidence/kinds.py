"""Kinds of files: whether a name's ending is allowed, and whether the content is what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from types import MappingProxyType

HEAD = 512
"""Bytes from the beginning of a file by which its kind is told."""

_ZIP = (b"PK\x03\x04",)
_OLE = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
_TIFF = (b"II*\0", b"MM\0*")

BEGINNINGS: Mapping[str, Sequence[bytes]] = MappingProxyType(
    {
        "pdf": (b"%PDF-",),
        "ofd": _ZIP,
        "docx": _ZIP,
        "xlsx": _ZIP,
        "pptx": _ZIP,
        "odt": _ZIP,
        "ods": _ZIP,
        "zip": (*_ZIP, b"PK\x05\x06"),
        "doc": _OLE,
        "xls": _OLE,
        "ppt": _OLE,
        "wps": (*_OLE, *_ZIP),
        "et": (*_OLE, *_ZIP),
        "rtf": (b"{\\rtf",),
        "jpg": (b"\xff\xd8\xff",),
        "jpeg": (b"\xff\xd8\xff",),
        "png": (b"\x89PNG\r\n\x1a\n",),
        "gif": (b"GIF87a", b"GIF89a"),
        "bmp": (b"BM",),
        "tif": _TIFF,
        "tiff": _TIFF,
        "7z": (b"7z\xbc\xaf\x27\x1c",),
        "rar": (b"Rar!\x1a\x07",),
    }
)
"""How files of a kind begin, for the endings of which that is known."""


def ending(name: str) -> str:
    """Return what a file's name ends in, without the dot, in small letters.

    >>> ending("报告.PDF"), ending("none")
    ('pdf', '')
    """
    return PurePath(name).suffix.removeprefix(".").lower()


def agrees(name: str, head: bytes) -> bool:
    """Return whether a file that begins with ``head`` is what the ending of its name says.

    >>> agrees("a.pdf", b"%PDF-1.7"), agrees("a.pdf", b"MZ"), agrees("a.xyz", b"MZ")
    (True, False, True)
    """
    beginnings = BEGINNINGS.get(ending(name))
    return beginnings is None or head.startswith(tuple(beginnings))
