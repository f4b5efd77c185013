"""The table of words: every name that people meet, by kind, as messages for the catalogues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adapters.machine_words import (
    CHOICES,
    FIELDS,
    JOINS,
    JOINS_UNMET,
    MACHINES,
    P_,
    RECORDS,
    ROLES,
    STATES,
    TRIGGERS,
)
from engine.errors import N_

UNSEEN: Final = (
    N_("beside it"),
    N_("TRIAL"),
    N_("line"),
    N_("entry"),
    N_("Known are"),
    N_("{count} to catch up on"),
)
"""Marked within f-strings, where the extraction of Python 3.11 does not look."""

STANDINGS: Final[Mapping[str, str]] = {
    "waiting": P_("standing", "not open yet"),
    "open": P_("standing", "open"),
    "due_soon": P_("standing", "due soon"),
    "late": P_("standing", "late"),
    "outside": P_("standing", "outside"),
    "met": P_("standing", "met"),
    "met_late": P_("standing", "met late"),
    "excused": P_("standing", "excused"),
    "suspended": P_("standing", "suspended"),
    "unrecorded": P_("standing", "unrecorded"),
    "void": P_("standing", "void"),
}

EVENTS: Final[Mapping[str, str]] = {
    "opened": P_("event", "opened"),
    "moved": P_("event", "moved"),
    "recorded": P_("event", "recorded"),
    "corrected": P_("event", "corrected"),
    "amended": P_("event", "amended"),
    "assigned": P_("event", "assigned"),
    "window_opened": P_("event", "window opened"),
    "window_closed": P_("event", "window closed"),
    "reminded": P_("event", "reminded"),
    "folded": P_("event", "reminder folded"),
    "late": P_("event", "late"),
    "lamp": P_("event", "lamp set"),
    "slip": P_("event", "follow-up slip issued"),
    "proposed": P_("event", "accountability proposed"),
    "deadline_set": P_("event", "deadline set"),
    "excused": P_("event", "excused"),
    "extended": P_("event", "extended"),
    "extension_asked": P_("event", "extension asked for"),
    "extension_refused": P_("event", "extension refused"),
    "entered": P_("event", "rung entered by hand"),
    "suspended": P_("event", "suspended"),
    "resumed": P_("event", "resumed"),
    "tenure": P_("event", "tenure"),
    "calendar": P_("event", "calendar"),
    "upgraded": P_("event", "upgraded"),
    "setting": P_("event", "setting"),
    "key": P_("event", "key of the log"),
    "act_proposed": P_("event", "put to a second person"),
    "act_confirmed": P_("event", "confirmed by a second person"),
    "act_declined": P_("event", "refused by a second person"),
    "act_lapsed": P_("event", "lapsed without a second person"),
    "glass_broken": P_("event", "done by one person alone"),
    "noted": P_("event", "noted by an auditor"),
    "redacted": P_("event", "removed by law"),
}

CERTAINTIES: Final[Mapping[str, str]] = {
    "fixed": P_("certainty", "fixed"),
    "provisional": P_("certainty", "provisional"),
    "waiting": P_("certainty", "waiting"),
    "undated": P_("certainty", "undated"),
}

WHATS: Final[Mapping[str, str]] = {
    "cycle": P_("what", "cycle"),
    "instance": P_("what", "instance"),
    "event": P_("what", "event"),
    "file": P_("what", "file"),
    "step": P_("what", "step"),
    "person": P_("what", "person"),
    "post": P_("what", "post"),
    "section": P_("what", "section"),
    "tenure": P_("what", "tenure"),
    "plan": P_("what", "plan"),
    "plan_edition": P_("what", "plan edition"),
    "workflow_edition": P_("what", "machine edition"),
    "deadline": P_("what", "deadline"),
    "timer": P_("what", "timer"),
    "extension": P_("what", "extension"),
    "correction": P_("what", "correction"),
    "notice": P_("what", "notice"),
    "proposal": P_("what", "proposal"),
    "checkpoint": P_("what", "checkpoint"),
    "amendment": P_("what", "amendment"),
    "target": P_("what", "target"),
    "assignment": P_("what", "assignment"),
    "finding": P_("what", "finding"),
    "opens": P_("what", "opens"),
    "closes": P_("what", "closes"),
    "due": P_("what", "due"),
    "moves": P_("what", "moves"),
}
"""What can be missing or taken, and what is coming (``Coming.what``)."""

ACTS: Final[Mapping[str, str]] = {
    "open": P_("act", "open the cycle"),
    "force": P_("act", "force"),
    "move": P_("act", "move"),
    "excuse": P_("act", "excuse"),
    "suspend": P_("act", "suspend"),
    "amend": P_("act", "amend the plan of"),
    "amend back": P_("act", "take back the amendment of"),
    "confirm": P_("act", "confirm"),
    "refuse": P_("act", "refuse"),
    "note": P_("act", "note"),
    "correct": P_("act", "correct"),
    "back-date": P_("act", "back-date"),
    "extend": P_("act", "extend"),
    "excused": P_("act", "excuse"),
    "suspended": P_("act", "suspend"),
    "resumed": P_("act", "resume"),
    "post assign": P_("act", "fill the post"),
    "post end": P_("act", "end the tenure"),
    "key new": P_("act", "give a key to"),
    "key rotate": P_("act", "change the key of"),
    "target add": P_("act", "add the target"),
    "target amend": P_("act", "amend the target"),
    "announce": P_("act", "announce the date for"),
    "rung": P_("act", "enter a rung for"),
    "calendar import": P_("act", "import the calendar"),
    "record": P_("act", "record"),
    "backfill": P_("act", "back-fill"),
    "raise a finding on": P_("act", "raise a finding on"),
    "export": P_("act", "export"),
    "export names": P_("act", "export the names of"),
    "redact": P_("act", "remove by law from"),
    "--as": P_("act", "act for somebody else on"),
}
"""What may be asked besides a trigger."""

OUTCOMES: Final[Mapping[str, str]] = {
    "open": P_("outcome", "open"),
    "confirmed": P_("outcome", "confirmed"),
    "declined": P_("outcome", "refused"),
    "lapsed": P_("outcome", "lapsed"),
    "noted": P_("outcome", "noted"),
}
"""What became of a proposal, or of what was done alone."""

PARTS: Final[Mapping[str, str]] = {
    "plan": P_("part", "plan"),
    "post": P_("part", "post"),
    "section": P_("part", "section"),
    "outside": P_("part", "body outside"),
    "category": P_("part", "category"),
    "source": P_("part", "source"),
    "ladder": P_("part", "ladder"),
    "step": P_("part", "step"),
    "date": P_("part", "date"),
    "target": P_("part", "target"),
    "machine": P_("part", "machine"),
}
"""Parts of a plan that an amendment changes."""

ALTERATIONS: Final[Mapping[str, str]] = {
    "added": P_("alteration", "new"),
    "removed": P_("alteration", "falls away"),
    "stays": P_("alteration", "stays as it is"),
    "moves": P_("alteration", "moves to the new edition"),
    "owner": P_("alteration", "owner"),
    "due_text": P_("alteration", "date"),
    "name": P_("alteration", "name"),
    "ladder": P_("alteration", "ladder"),
    "rungs": P_("alteration", "rungs"),
    "document": P_("alteration", "document"),
    "holders": P_("alteration", "holders"),
    "roles": P_("alteration", "roles"),
    "title": P_("alteration", "title"),
}
"""What an amendment does to a part; other names are those of the plan language."""

ACTIONS: Final[Mapping[str, str]] = {
    "remind": P_("action", "remind"),
    "late": P_("action", "record as late"),
    "slip": P_("action", "issue a slip"),
    "propose": P_("action", "propose accountability"),
    "move": P_("action", "move by date"),
}

EVIDENCE: Final[Mapping[str, str]] = {
    "sound": P_("evidence", "as handed in"),
    "missing": P_("evidence", "MISSING"),
    "altered": P_("evidence", "ALTERED"),
    "removed": P_("evidence", "removed by law"),
    "left": P_("evidence", "STILL THERE"),
    "unrecorded": P_("evidence", "unrecorded"),
}

SEVERITIES: Final[Mapping[str, str]] = {
    "error": P_("severity", "error"),
    "warning": P_("severity", "warning"),
    "question": P_("severity", "question"),
}

DEADLINE_PARTS: Final[Mapping[str, str]] = {
    "the end": P_("deadline", "the end"),
    "a number": P_("deadline", "a number"),
    "a date": P_("deadline", "a date"),
    "a month and day": P_("deadline", "a month and day"),
    "a year and month": P_("deadline", "a year and month"),
    "a name": P_("deadline", "a name"),
    "a name in quotes": P_("deadline", "a name in quotes"),
    "an hour such as 17:30": P_("deadline", "an hour such as 17:30"),
    "a weekday": P_("deadline", "a weekday"),
    "a deadline": P_("deadline", "a deadline"),
    "a deadline or a part of one": P_("deadline", "a deadline or a part of one"),
    "个工作日 or 个月": P_("deadline", "个工作日 or 个月"),
    "month, quarter or year": P_("deadline", "month, quarter or year"),
    "the deadline": P_("deadline", "the deadline"),
    "the recurrence": P_("deadline", "the recurrence"),
    "day": P_("deadline", "day"),
    "count": P_("deadline", "count"),
    "length of the period": P_("deadline", "length of the period"),
    "year of the period": P_("deadline", "year of the period"),
    "first year": P_("deadline", "first year"),
    "place of the weekday": P_("deadline", "place of the weekday"),
    "place of the working day": P_("deadline", "place of the working day"),
    "month of the period": P_("deadline", "month of the period"),
    "weekday": P_("deadline", "weekday"),
    "year": P_("deadline", "year"),
    "month": P_("deadline", "month"),
    "third": P_("deadline", "third"),
    "hour of the cut-off": P_("deadline", "hour of the cut-off"),
    "minute of the cut-off": P_("deadline", "minute of the cut-off"),
    "minute of the day of the cut-off": P_("deadline", "minute of the day of the cut-off"),
    "say the month of the closing day": P_("deadline", "say the month of the closing day"),
    "only what recurs can run from a month or until one": P_(
        "deadline", "only what recurs can run from a month or until one"
    ),
    "it ends before it begins": P_("deadline", "it ends before it begins"),
}
"""Parts of deadlines as their errors name them."""

HEADINGS: Final[Mapping[str, str]] = {
    "from": P_("diagram", "from"),
    "trigger": P_("diagram", "trigger"),
    "to": P_("diagram", "to"),
    "who": P_("diagram", "who"),
    "when": P_("diagram", "when"),
}
"""Headings of a diagram, where ``when`` asks for a condition and ``to`` for a state."""

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "state": STATES,
    "trigger": TRIGGERS,
    "role": ROLES,
    "machine": MACHINES,
    "record": RECORDS,
    "field": FIELDS,
    "choice": CHOICES,
    "join": JOINS,
    "unmet": JOINS_UNMET,
    "standing": STANDINGS,
    "event": EVENTS,
    "certainty": CERTAINTIES,
    "what": WHATS,
    "act": ACTS,
    "outcome": OUTCOMES,
    "part": PARTS,
    "alteration": ALTERATIONS,
    "action": ACTIONS,
    "evidence": EVIDENCE,
    "severity": SEVERITIES,
    "deadline": DEADLINE_PARTS,
    "diagram": HEADINGS,
}
"""Kind → name → word in English, which is the message of the catalogues in that context."""
