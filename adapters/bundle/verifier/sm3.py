"""SM3 (GB/T 32905-2016) in plain Python, for systems whose OpenSSL lacks it."""

from __future__ import annotations

_SM3_START = (
    0x7380166F,
    0x4914B2B9,
    0x172442D7,
    0xDA8A0600,
    0xA96F30BC,
    0x163138AA,
    0xE38DEE4D,
    0xB0FB0E4E,
)
_WORD = 0xFFFFFFFF


def sm3(data: bytes) -> bytes:
    """Return the SM3 digest of ``data``.

    >>> sm3(b"abc").hex()
    '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'
    """
    padded = data + b"\x80" + bytes((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    state: tuple[int, ...] = _SM3_START
    for begin in range(0, len(padded), 64):
        state = _compressed(state, padded[begin : begin + 64])
    return b"".join(word.to_bytes(4, "big") for word in state)


def _rotated(word: int, by: int) -> int:
    by %= 32
    return (word << by | word >> (32 - by)) & _WORD


def _expanded(block: bytes) -> list[int]:
    words = [int.from_bytes(block[n : n + 4], "big") for n in range(0, 64, 4)]
    for n in range(16, 68):
        mixed = words[n - 16] ^ words[n - 9] ^ _rotated(words[n - 3], 15)
        mixed ^= _rotated(mixed, 15) ^ _rotated(mixed, 23)
        words.append(mixed ^ _rotated(words[n - 13], 7) ^ words[n - 6])
    return words


def _compressed(state: tuple[int, ...], block: bytes) -> tuple[int, ...]:
    words = _expanded(block)
    a, b, c, d, e, f, g, h = state
    for n in range(64):
        early = n < 16  # noqa: PLR2004 - the standard's own figures, here and below
        constant = 0x79CC4519 if early else 0x7A879D8A
        turned = _rotated(a, 12)
        first = _rotated((turned + e + _rotated(constant, n)) & _WORD, 7)
        second = first ^ turned
        if early:
            majority, choice = a ^ b ^ c, e ^ f ^ g
        else:
            majority, choice = (a & b) | (a & c) | (b & c), (e & f) | (~e & g)
        left = (majority + d + second + (words[n] ^ words[n + 4])) & _WORD
        right = (choice + h + first + words[n]) & _WORD
        a, b, c, d = left, a, _rotated(b, 9), c
        e, f, g, h = right ^ _rotated(right, 9) ^ _rotated(right, 17), e, _rotated(f, 19), g
    return tuple(old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h)))  # noqa: B905 - strict is not on 3.9
