"""The kinds of channel, and how each is made from its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.headerregistry import Address as MailAddress
from typing import TypeAlias

from adapters.messages import Translator
from adapters.notify import dingtalk, feishu, wecom
from adapters.notify.dingtalk import DingTalkNotifier
from adapters.notify.feishu import FeishuNotifier
from adapters.notify.folder import FolderNotifier
from adapters.notify.http import is_loopback
from adapters.notify.log import LogNotifier
from adapters.notify.settings import Settings
from adapters.notify.smtp import MailServer, SmtpNotifier
from adapters.notify.webhook import WebhookNotifier
from adapters.notify.wecom import WeComNotifier
from engine.clock import Clock
from engine.errors import N_
from engine.ports import Notifier

HIGHEST_PORT = 65535
PORTS = {"starttls": 587, "tls": 465, "plain": 25}


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What a channel is made from, beside its settings."""

    name: str
    people: Mapping[str, str]
    """Recipient → address on this channel."""
    clock: Clock
    """The machine's own, also for a trial: receivers know no other."""
    words: Translator


Maker: TypeAlias = Callable[[Settings, Making], Notifier]


def _log(_settings: Settings, _making: Making) -> Notifier:
    return LogNotifier()


def _folder(settings: Settings, _making: Making) -> Notifier:
    return FolderNotifier(settings.path("path"))


def _smtp(settings: Settings, making: Making) -> Notifier:
    security = settings.choice("security", tuple(PORTS))
    host = settings.text("host")
    if security == "plain" and not is_loopback(host):
        raise settings.trouble(
            N_("mail goes unencrypted only to this very machine"), "starttls / tls", key="security"
        )
    sender = settings.text("from")
    for who, address in {"from": sender, **making.people}.items():
        if not is_address(address):
            raise settings.trouble(N_("that is no mail address"), who)
    server = MailServer(
        host=host,
        port=settings.number("port", PORTS[security], HIGHEST_PORT),
        security=security,
        timeout=settings.timeout(),
        user=settings.text("user", ""),
        password=settings.secret_if_given("password"),
        trust=str(settings.path("trust")) if settings.text("trust", "") else "",
    )
    if bool(server.user) != (server.password is not None):
        raise settings.trouble(N_("user and password belong together"))
    return SmtpNotifier(making.name, server, sender, making.people)


def _webhook(settings: Settings, making: Making) -> Notifier:
    return WebhookNotifier(
        making.name,
        settings.url("url"),
        secret=settings.secret("secret"),
        people=making.people,
        clock=making.clock,
        timeout=settings.timeout(),
    )


def _wecom(settings: Settings, making: Making) -> Notifier:
    return WeComNotifier(
        making.name,
        settings.secret("key"),
        people=making.people,
        clock=making.clock,
        words=making.words,
        timeout=settings.timeout(),
        url=settings.url("url", wecom.URL),
        form=settings.choice("form", tuple(wecom.LIMITS)),
    )


def _dingtalk(settings: Settings, making: Making) -> Notifier:
    return DingTalkNotifier(
        making.name,
        settings.secret("token"),
        secret=settings.secret_if_given("secret"),
        people=making.people,
        clock=making.clock,
        words=making.words,
        timeout=settings.timeout(),
        url=settings.url("url", dingtalk.URL),
    )


def _feishu(settings: Settings, making: Making) -> Notifier:
    return FeishuNotifier(
        making.name,
        settings.secret("token"),
        secret=settings.secret_if_given("secret"),
        people=making.people,
        clock=making.clock,
        words=making.words,
        timeout=settings.timeout(),
        url=settings.url("url", feishu.URL),
    )


MAKERS: Mapping[str, Maker] = {
    "log": _log,
    "folder": _folder,
    "smtp": _smtp,
    "webhook": _webhook,
    "wecom": _wecom,
    "dingtalk": _dingtalk,
    "feishu": _feishu,
}


def is_address(text: str) -> bool:
    r"""Return whether ``text`` is a mail address that every server takes.

    >>> is_address("zhang@example.com"), is_address("zhang"), is_address("a@b\nBcc: c@d")
    (True, False, False)
    """
    try:
        address = MailAddress(addr_spec=text)
    except (ValueError, IndexError, AttributeError):
        return False
    return text.isascii() and text.isprintable() and bool(address.username and address.domain)
