"""Ed25519 signatures (RFC 8032), checked in plain Python; nothing here can sign."""

from __future__ import annotations

import hashlib

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)

Point = tuple[int, int, int, int]
"""X, Y, Z and T = XY/Z of a point, in extended coordinates."""

_NEUTRAL: Point = (0, 1, 1, 0)


def signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether ``signature`` was made of ``message`` with the private half of ``key``."""
    if len(key) != 32 or len(signature) != 64:  # noqa: PLR2004 - bytes of a key and of a signature
        return False
    public, point = _unpacked(key), _unpacked(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if public is None or point is None or scalar >= _ORDER:
        return False
    hashed = hashlib.sha512(signature[:32] + key + message).digest()
    factor = int.from_bytes(hashed, "little") % _ORDER
    return _same(_times(scalar, _BASE), _sum(point, _times(factor, public)))


def _sum(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(factor: int, point: Point) -> Point:
    found = _NEUTRAL
    while factor:
        if factor & 1:
            found = _sum(found, point)
        point = _sum(point, point)
        factor >>= 1
    return found


def _same(one: Point, other: Point) -> bool:
    return (one[0] * other[2] - other[0] * one[2]) % _P == 0 and (
        one[1] * other[2] - other[1] * one[2]
    ) % _P == 0


def _unpacked(data: bytes) -> Point | None:
    """Return the point that 32 bytes stand for, or nothing."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= _P:
        return None
    x = _abscissa(y, sign)
    return None if x is None else (x, y, 1, x * y % _P)


def _abscissa(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    if square == 0:
        return None if sign else 0
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P:
        return None
    return _P - x if x & 1 != sign else x


def _base_point() -> Point:
    y = 4 * pow(5, _P - 2, _P) % _P
    x = _abscissa(y, 0) or 0
    return x, y, 1, x * y % _P


_BASE = _base_point()
