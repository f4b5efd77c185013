"""Notices of a bundle: whom an event was told to, and what was sent, as the log sealed it."""

from __future__ import annotations

from typing import Any

from adapters.bundle.verifier.canon import parsed
from adapters.bundle.verifier.persons import PERSON
from adapters.bundle.verifier.seals import SealedLog
from adapters.bundle.verifier.trouble import Bad, brief

NOTICES = "notices.jsonl"
_TOLD = ("about", "channel", "entry", "event", "recipient")
_SENT = ("channel", "created_at", "entry", "events", "key", "recipient", "sent_at")
_POST_RECIPIENT = "post:"


class NoticeWalk:
    """All notices of a bundle, each about an event that is in it."""

    def __init__(self, log: SealedLog, numbers: dict[int, int], persons: set[str]) -> None:
        """Begin; ``numbers`` tell of each event its leaf, ``persons`` who is listed."""
        self.told = 0
        self.sent = 0
        self._log, self._numbers, self._persons = log, numbers, persons
        self._asked: set[tuple[int, str, str]] = set()
        self._last = -1

    def take(self, line: bytes, item: str) -> None:
        """Take the next notice."""
        row = parsed(line, item)
        if not isinstance(row, dict) or tuple(row) != ("entry", "index"):
            raise Bad(item, "wrong-members", "entry, index")
        if not isinstance(row["entry"], str) or type(row["index"]) is not int:
            raise Bad(item, "not-a-notice")
        if row["index"] <= self._last:
            raise Bad(item, "notice-order", str(row["index"]))
        self._last = row["index"]
        entry = row["entry"].encode("utf-8", "replace")
        notice = parsed(entry, item)
        members = tuple(notice) if isinstance(notice, dict) else ()
        if members == _TOLD and notice["entry"] == "told":
            self._tell(notice, item)
        elif members == _SENT and notice["entry"] == "sent":
            self._send(notice, item)
        else:
            raise Bad(item, "not-a-notice")
        self._log.add(row["index"], self._log.digest(b"\0" + entry), item)

    def _tell(self, notice: dict[str, Any], item: str) -> None:
        event, to, channel = notice["event"], notice["recipient"], notice["channel"]
        self._recipient(to, item)
        if type(event) is not int or event not in self._numbers:
            raise Bad(item, "notice-elsewhere", brief(event))
        if self._numbers[event] >= self._last:
            raise Bad(item, "notice-order", f"#{event}")
        self._asked.add((event, to, str(channel)))
        self.told += 1

    def _send(self, notice: dict[str, Any], item: str) -> None:
        events, to, channel = notice["events"], notice["recipient"], str(notice["channel"])
        self._recipient(to, item)
        if not isinstance(events, list) or not all(type(event) is int for event in events):
            raise Bad(item, "not-a-notice", "events")
        mine = [event for event in events if event in self._numbers]
        if not mine:
            raise Bad(item, "notice-elsewhere")
        for event in mine:
            if (event, to, channel) not in self._asked:
                raise Bad(item, "sent-unasked", str(event))
        self.sent += 1

    def _recipient(self, to: Any, item: str) -> None:
        if not isinstance(to, str) or not (PERSON.fullmatch(to) or to.startswith(_POST_RECIPIENT)):
            raise Bad(item, "not-a-notice", brief(to))
        if to not in self._persons and not to.startswith(_POST_RECIPIENT):
            raise Bad(item, "unlisted-person", brief(to))
