"""Places outside that are told of checkpoints, so that no administrator here can take them back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from adapters.messages import Translator
from engine.log import Sealed, Stamp
from engine.message import Message
from engine.ports import Notice, Notifier

BEGIN = "-----BEGIN CHECKPOINT-----\n"
END = "-----END CHECKPOINT-----\n"
"""Around the note in a message, so that `duban verify --checkpoint` finds it there."""


class Outside(Protocol):
    """A place outside."""

    @property
    def name(self) -> str:
        """Return its name in the channels file."""
        ...

    @property
    def every(self) -> timedelta:
        """Return how long it waits after one checkpoint for the next."""
        ...

    def tell(self, sealed: Sealed, attempts: int) -> Stamp | None:
        """Hand over a checkpoint; return what came back, if it is to be kept.

        Raises:
            DeliveryFailed: it was not taken.

        """
        ...


@dataclass(frozen=True, slots=True)
class Messenger:
    """Somebody who is sent checkpoints by one of the channels for notices."""

    name: str
    every: timedelta
    channel: str
    notifier: Notifier
    words: Translator

    def tell(self, sealed: Sealed, attempts: int) -> Stamp | None:
        """Send the checkpoint."""
        t = self.words
        subject = t.text(
            "Checkpoint of {origin}: {size} entries",
            origin=sealed.note.partition("\n")[0],
            size=sealed.size,
        )
        heading = t.text(
            "Keep this where nobody of the office can change it; "
            "compare it with: duban verify --checkpoint FILE"
        )
        notice = Notice(
            id=0,
            key=f"checkpoint/{self.name}/{sealed.size}",
            recipient=recipient(self.name),
            channel=self.channel,
            created_at=sealed.sealed_at,
            items=(),
            attempts=attempts,
        )
        text = f"{heading}\n\n{BEGIN}{sealed.note}{END}"
        matters = (sealed.note,)
        message = Message(subject=subject, heading=heading, matters=matters, text=text)
        self.notifier.send(notice, message)
        return None


def recipient(name: str) -> str:
    """Return as whom a channel knows the place."""
    return f"checkpoint:{name}"


def unwrapped(text: str) -> str:
    """Return the note in a message that was saved, or the text itself where it is one alone."""
    _, begin, rest = text.partition(BEGIN)
    note, end, _ = rest.partition(END)
    return note if begin and end else text
