"""The table of commands: where each is written and what it does, in one short line.

So that `duban --help` imports nothing but click: a command's module is
loaded when that command is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import N_

DEFAULT_DATABASE = "duban.db"


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: its module below `adapters.commands`, the name in it, and its short help."""

    module: str
    attribute: str
    short_help: str


BEGIN = N_("To begin")
LOOK = N_("To see where things stand")
WORK = N_("To work")
PUT_RIGHT = N_("To put right, and to decide")
AUDIT = N_("To audit")
RUN = N_("To keep it running")

TABLE: dict[str, dict[str, Entry]] = {
    BEGIN: {
        "init": Entry("initialise", "init", N_("Create the database, or bring it up to date.")),
        "check": Entry("plans", "check", N_("Say all that is wrong with a plan file.")),
        "open": Entry("plans", "open_", N_("Open the cycle of a plan.")),
        "backfill": Entry(
            "backfill", "backfill", N_("List what is unrecorded, and say when it was done.")
        ),
        "simulate": Entry("simulate", "simulate", N_("Play a whole year of a plan, to try it.")),
        "run": Entry("run", "run", N_("Open a trial year, show it, and run its daemon.")),
    },
    LOOK: {
        "status": Entry("status", "status", N_("The year on one screen.")),
        "list": Entry("ledger", "list_", N_("The ledger: instances with owner, lamp and date.")),
        "sheet": Entry("sheet", "sheet_", N_("The working ledger of targets, for a spreadsheet.")),
        "coverage": Entry(
            "coverage", "coverage_", N_("Which source led to which target, and what has none.")
        ),
        "show": Entry("show", "show", N_("One instance, and what can be done with it now.")),
        "due": Entry("due", "due", N_("What is late and what is coming, by person.")),
        "calendar": Entry("calendars", "calendar", N_("The working days that count.")),
        "notices": Entry("notices", "notices", N_("Notices that wait, fail, or are held.")),
        "diagram": Entry("diagram", "diagram", N_("Draw a machine from its definition.")),
    },
    WORK: {
        "target": Entry("targets", "target", N_("Add, amend or withdraw a target.")),
        "record": Entry("recording", "record", N_("Hand in or note down a record.")),
        "move": Entry("moving", "move", N_("Make a move, of one instance or of many.")),
        "evidence": Entry("evidence", "evidence", N_("Files that were handed in.")),
        "finding": Entry("findings", "finding", N_("Raise a finding.")),
    },
    PUT_RIGHT: {
        "correct": Entry("correcting", "correct", N_("Put a wrong date or record right.")),
        "excuse": Entry("exceptions", "excuse", N_("Excuse an instance from a step.")),
        "extend": Entry("exceptions", "extend", N_("Give an instance a later date for a step.")),
        "announce": Entry("narrowing", "announce", N_("Say a date that the plan left open.")),
        "suspend": Entry("exceptions", "suspend", N_("Pause a step for an instance.")),
        "resume": Entry("exceptions", "resume", N_("End a pause.")),
        "rung": Entry("narrowing", "rung", N_("Put an instance on a rung of a ladder by hand.")),
        "post": Entry("posts", "post", N_("Say who holds which post, and who deputises.")),
        "redact": Entry("redacting", "redact", N_("Remove free text of an event by law.")),
        "force": Entry("forcing", "force", N_("Force a state; for administrators.")),
        "amend": Entry("amending", "amend", N_("Go on under a new plan; shown first.")),
        "proposals": Entry(
            "proposals", "proposals", N_("What waits for a second person, and what it would do.")
        ),
        "confirm": Entry("proposals", "confirm", N_("Confirm what somebody else proposed.")),
        "refuse": Entry("proposals", "refuse", N_("Refuse what somebody else proposed.")),
    },
    AUDIT: {
        "history": Entry("auditing", "history", N_("The events of an instance.")),
        "diff": Entry("comparing", "diff", N_("What changed between two moments, and by whom.")),
        "replay": Entry("replaying", "replay", N_("Rebuild a state as of any day.")),
        "export": Entry("exporting", "export", N_("A bundle that a stranger can verify.")),
        "verify": Entry("auditing", "verify", N_("Replay every history and compare.")),
        "audit": Entry("audit", "audit", N_("What is worth a look; note that you saw it.")),
        "checkpoint": Entry(
            "sealing", "checkpoint", N_("Print a checkpoint of the log, to keep elsewhere.")
        ),
    },
    RUN: {
        "daemon": Entry("daemon", "daemon", N_("Watch the dates; or do one pass.")),
        "seal": Entry("sealing", "seal", N_("Seal into the log what happened, at once.")),
        "key": Entry("keys", "key", N_("The key that signs the log.")),
        "clock": Entry("clock", "clock", N_("The clock of a trial database.")),
        "doctor": Entry("doctor", "doctor", N_("What is wrong with this installation.")),
        "backup": Entry("backup", "backup", N_("A copy of the database, checked.")),
        "migrate-to": Entry(
            "migrating", "migrate_to", N_("Move the database from its file to PostgreSQL.")
        ),
    },
}
