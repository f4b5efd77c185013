"""Which values of which errors are names, and of what kind; all others are shown as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MARKED: Final = frozenset(
    {"problem", "hint", "expected", "found", "noun", "encoding", "missing", "where", "element"}
)
"""Values of any message that hold a message of their own, marked where it was written."""

NAMED: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("definition", "workflow"): ("machine",),
    ("not-found", "what"): ("what",),
    ("unknown-trigger", "workflow"): ("machine",),
    ("illegal-transition", "trigger"): ("trigger",),
    ("illegal-transition", "state"): ("state",),
    ("guard-rejected", "trigger"): ("trigger",),
    ("guard-rejected", "state"): ("state",),
    ("not-permitted", "act"): ("act",),
    ("not-permitted", "allowed"): ("role",),
    ("reason-required", "act"): ("act",),
    ("authority-required", "act"): ("act",),
    ("not-forcible", "state"): ("state",),
    ("not-forcible", "target"): ("state",),
    ("stragglers", "trigger"): ("trigger",),
    ("bad-fact", "fact"): ("field",),
    ("bad-text", "field"): ("field",),
    ("bad-record", "kind"): ("record", "trigger", "event"),
    ("not-now", "kind"): ("record",),
    ("not-now", "state"): ("state",),
    ("not-now", "allowed"): ("state",),
    ("nothing-to-answer", "kind"): ("record",),
    ("nothing-to-answer", "answers"): ("record",),
    ("still-answered", "kind"): ("record",),
    ("still-answered", "answers"): ("record",),
    ("same-person", "did"): ("trigger",),
    ("no-glass", "act"): ("act",),
    ("glass-forbidden", "act"): ("act",),
    ("own-proposal", "act"): ("act",),
    ("own-proposal", "allowed"): ("role",),
    ("proposal-settled", "outcome"): ("outcome",),
    ("same-person", "trigger"): ("trigger",),
    ("already-exists", "what"): ("what",),
    ("deadline-bad-number", "what"): ("deadline",),
    ("deadline-bad-recurrence", "problem"): ("deadline",),
    ("deadline-syntax", "found"): ("deadline",),
    ("deadline-syntax", "expected"): ("deadline",),
    ("date-out-of-range", "what"): ("deadline",),
}
"""Code and value → the kinds of word to try, in order."""

CHOSEN: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("unknown-trigger", "known"): ("trigger",),
    ("illegal-transition", "allowed"): ("trigger",),
    ("not-forcible", "allowed"): ("state",),
    ("unknown-record", "known"): ("record",),
    ("bad-record", "field"): ("field",),
}
"""The same for names that the reader will type next: they keep their spelling beside the word."""

LISTED: Final = frozenset({("deadline-syntax", "expected")})
"""Values that hold several names in one text."""
