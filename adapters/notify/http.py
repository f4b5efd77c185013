"""Posting over HTTP: no redirects, a limit in time, and no more of the answer than is needed."""

from __future__ import annotations

import http.client
import ipaddress
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from engine.errors import N_, DeliveryFailed

LONGEST_REPLY = 64 * 1024
"""Bytes; what receivers answer has a few hundred."""
LONGEST_WAIT = timedelta(days=1)

_PIECE = 4096
_OF_THIS_MESSAGE = (400, 413, 415, 422)
"""Statuses that blame the message, not the channel."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to post, and what to call it in errors: never the path, which may be a secret."""

    url: str
    channel: str
    timeout: timedelta

    @property
    def host(self) -> str:
        """Return the host."""
        return urlsplit(self.url).hostname or ""

    def __repr__(self) -> str:
        return f"Address({self.host!r}, {self.channel!r})"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: what we send is for one receiver."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        """Follow no redirect; it comes back as an error with its status."""


def post(address: Address, key: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Post JSON and return the body of a successful answer.

    Raises:
        DeliveryFailed: no connection, no answer in time, or one that is no success.

    """

    def failed(problem: str, **more: Any) -> DeliveryFailed:
        return DeliveryFailed(key=key, channel=address.channel, problem=problem, **more)

    sent = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "duban", **headers}
    handlers: list[Any] = [_NoRedirect()]
    if is_loopback(address.host):
        handlers.append(urllib.request.ProxyHandler({}))
    opener = urllib.request.build_opener(*handlers)
    deadline = time.monotonic() + address.timeout.total_seconds()
    try:
        request = urllib.request.Request(address.url, body, sent, method="POST")  # noqa: S310 - the configuration checks the scheme
        with opener.open(request, timeout=address.timeout.total_seconds()) as reply:
            answer = _read(reply, deadline)
    except urllib.error.HTTPError as error:
        error.close()
        raise failed(
            f"HTTP {error.code}",
            retry_after=_retry_after(error.headers.get("Retry-After", "")),
            whole=error.code not in _OF_THIS_MESSAGE,
        ) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise failed(_problem(error), whole=True) from None
    if answer is None:
        raise failed(N_("no answer in time"), whole=True)
    if len(answer) > LONGEST_REPLY:
        raise failed(N_("the answer is too long"), whole=True)
    return answer


def is_loopback(host: str) -> bool:
    """Return whether ``host`` is this very machine.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("10.0.0.1")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read(reply: http.client.HTTPResponse, deadline: float) -> bytes | None:
    """Read little more than the limit at most; None when it drips in for too long.

    Raises:
        IncompleteRead: it ended before its end.

    """
    answer = b""
    while len(answer) <= LONGEST_REPLY:
        piece = reply.read1(_PIECE)
        if not piece and reply.length:
            raise http.client.IncompleteRead(answer, reply.length)
        if not piece:
            return answer
        answer += piece
        if time.monotonic() > deadline:
            return None
    return answer


def _problem(error: Exception) -> str:
    """Return what went wrong in words that cannot quote the address: it may hold a secret."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return N_("no answer in time")
    if isinstance(error, http.client.IncompleteRead | http.client.RemoteDisconnected):
        return N_("the connection broke off")
    if isinstance(error, http.client.HTTPException):
        return N_("the answer is no HTTP")
    return getattr(reason, "strerror", None) or type(reason).__name__


def _retry_after(text: str) -> timedelta | None:
    """Return the pause of a Retry-After header that gives seconds; dates are not honoured."""
    if not (text.isascii() and text.isdigit()) or len(text) > len("999999"):
        return None
    return min(timedelta(seconds=int(text)), LONGEST_WAIT)
