"""E-mail: text and HTML, threads by cycle, dates for the calendar; over TLS unless on loopback."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from adapters.notify.invitation import invitation
from adapters.notify.limits import cut
from adapters.notify.secret import Secret, hidden
from engine.errors import N_, DeliveryFailed
from engine.message import Message
from engine.ports import Notice

LONGEST_QUOTE = 200
TEMPORARY = range(400, 500)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed in, and as whom."""

    host: str
    port: int
    security: str
    """``starttls``, ``tls``, or ``plain``, which the configuration allows on loopback only."""
    timeout: timedelta
    user: str = ""
    password: Secret | None = None
    trust: str = ""
    """File with the certificates to trust, where those of the system are not enough."""


class SmtpNotifier:
    """Sends each notice as a mail of its own; a repeat has the same Message-ID."""

    def __init__(
        self, channel: str, server: MailServer, sender: str, people: Mapping[str, str]
    ) -> None:
        """Send from ``sender`` to the addresses of ``people``."""
        self._channel = channel
        self._server = server
        self._sender = sender
        self._people = people

    def send(self, notice: Notice, message: Message) -> None:
        """Hand the mail in.

        Raises:
            DeliveryFailed: the server could not be reached, or refused.

        """
        address = self._people.get(notice.recipient, "")
        if not address:
            problem = N_("no address is configured for the recipient")
            raise DeliveryFailed(key=notice.key, channel=self._channel, problem=problem)
        mail = self.mail(notice, message, address)
        try:
            with self._connection() as connection:
                connection.send_message(mail, self._sender, [address])
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise self._failed(notice, self._quote(code, said), whole=False) from None
        except smtplib.SMTPAuthenticationError as error:
            # What a server says of a login may quote it; the code says enough.
            raise self._failed(notice, f"SMTP {error.smtp_code}", whole=True) from None
        except smtplib.SMTPDataError as error:
            whole = error.smtp_code in TEMPORARY
            problem = self._quote(error.smtp_code, error.smtp_error)
            raise self._failed(notice, problem, whole=whole) from None
        except smtplib.SMTPResponseException as error:
            problem = self._quote(error.smtp_code, error.smtp_error)
            raise self._failed(notice, problem, whole=True) from None
        except (smtplib.SMTPException, OSError) as error:
            raise self._failed(notice, _problem(error), whole=True) from None

    def mail(self, notice: Notice, message: Message, address: str) -> EmailMessage:
        """Return the mail that says ``message``."""
        domain = self._sender.rpartition("@")[2]
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self._sender
        mail["To"] = address
        mail["Subject"] = " ".join(message.subject.split())
        mail["Date"] = format_datetime(notice.created_at)
        mail["Message-ID"] = f"<{_digest(notice.key)}@{domain}>"
        if message.thread:
            thread = f"<thread.{_digest(message.thread)}@{domain}>"
            mail["In-Reply-To"] = thread
            mail["References"] = thread
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        if message.html:
            mail.add_alternative(message.html, subtype="html")
        for number, date in enumerate(message.dates, start=1):
            mail.add_attachment(
                invitation(date, notice.created_at, self._sender, address),
                subtype="calendar",
                filename="duban.ics" if number == 1 else f"duban-{number}.ics",
                params={"method": "REQUEST"},
            )
        return mail

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """Yield a connection over which mail can be handed in; how it ends is of no matter."""
        server = self._server
        seconds = server.timeout.total_seconds()
        if server.security == "plain":
            connection = smtplib.SMTP(server.host, server.port, timeout=seconds)
        else:
            context = ssl.create_default_context(cafile=server.trust or None)
            if server.security == "tls":
                connection = smtplib.SMTP_SSL(
                    server.host, server.port, timeout=seconds, context=context
                )
            else:
                connection = smtplib.SMTP(server.host, server.port, timeout=seconds)
        try:
            if server.security == "starttls":
                connection.starttls(context=context)
            if server.user and server.password is not None:
                connection.login(server.user, server.password.reveal())
            yield connection
            # The mail is in: a server that goes away now has taken it all the same.
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
        finally:
            connection.close()

    def _failed(self, notice: Notice, problem: str, *, whole: bool) -> DeliveryFailed:
        return DeliveryFailed(key=notice.key, channel=self._channel, problem=problem, whole=whole)

    def _quote(self, code: int, said: bytes | str) -> str:
        """Return code and words of the server, without our secrets."""
        text = said.decode(errors="replace") if isinstance(said, bytes) else said
        text = hidden(" ".join(text.split()), [self._server.password])
        return cut(f"SMTP {code} {text}", LONGEST_QUOTE)


def _problem(error: Exception) -> str:
    # smtplib tells a time that ran out as a connection that was closed.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return N_("no answer in time")
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return N_("the connection broke off")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return N_("the server offers no STARTTLS, or no login")
    return getattr(error, "strerror", None) or type(error).__name__


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]
