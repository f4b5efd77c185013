"""Signatures by which receivers know that a message is ours.

The two robots' algorithms are each other's mirror: DingTalk signs the time
and the secret under the secret; Feishu signs nothing under the time and the
secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac


def dingtalk_signature(secret: str, timestamp_ms: int) -> str:
    """Return the signature for a DingTalk robot, to be URL-encoded by whoever builds the address.

    >>> dingtalk_signature("SECexample", 1700000000000)
    'uroalHrWHORz59talE1o26b8HuX2kOp8WlAN91F9Pj0='
    """
    return _signed(key=secret, text=f"{timestamp_ms}\n{secret}")


def feishu_signature(secret: str, timestamp_s: int) -> str:
    """Return the signature for a Feishu robot; it goes into the body as it is.

    >>> feishu_signature("SECexample", 1700000000)
    'giaCP81WKcKmxS0uSLlrqVVwRIDJGES6GpFgEr4g4C4='
    """
    return _signed(key=f"{timestamp_s}\n{secret}", text="")


def webhook_signature(secret: str, timestamp_s: int, body: bytes) -> str:
    """Return the signature of a webhook's body at a time: hexadecimal HMAC-SHA256.

    >>> webhook_signature("secret", 1700000000, b"{}")[:16]
    'b8569b78799ff9e3'
    """
    signed = hmac.new(secret.encode(), f"{timestamp_s}.".encode() + body, hashlib.sha256)
    return signed.hexdigest()


def _signed(*, key: str, text: str) -> str:
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode("ascii")
