"""What is owed, by person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from adapters.terminal.ledger import STYLES
from adapters.terminal.names import Names
from adapters.terminal.screen import FAINT, GOOD, STRONG, Cell, Screen
from adapters.terminal.times import Times
from engine.population import Tally
from engine.ports import Reader
from workflows.running.desk import Desk
from workflows.running.overview import Owed

FIRST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLine:
    """One thing that one recipient answers for."""

    recipient: str
    owed: Owed
    tally: Tally


def show_due(screen: Screen, at: Desk[Reader], lines: Sequence[DueLine]) -> None:
    """Print what is owed, person by person, the oldest first."""
    t, times, names = screen.words, Times(screen.words, at.zone), Names(screen.words, at.plan)
    if not lines:
        screen.line((t.text("{key}: nothing is late and nothing is near.", key=at.key), GOOD))
        return
    screen.line((at.key, STRONG), f"  {times.full(at.now)}")
    ordered = sorted(lines, key=lambda line: (line.recipient.startswith("post:"), line.recipient))
    for recipient, mine in groupby(ordered, key=lambda line: line.recipient):
        if recipient.startswith("post:"):
            post = names.owner(recipient.removeprefix("post:"))
            screen.heading(t.text("{post} (no holder)", post=post))
        else:
            screen.heading(recipient)
        screen.table((), [_row(screen, times, names, line) for line in mine], indent=2)


def _row(screen: Screen, times: Times, names: Names, line: DueLine) -> Sequence[Cell]:
    t, owed = screen.words, line.owed
    standing = t.word("standing", str(owed.standing))
    if owed.days_late:
        standing = t.text("{standing} {days}d", standing=standing, days=owed.days_late)
    keys = " ".join(line.tally.first[:FIRST])
    more = line.tally.count - len(line.tally.first[:FIRST])
    return (
        (standing, STYLES.get(owed.standing, "")),
        times.due(owed.deadline),
        f"{names.step(owed.step.id)} {owed.deadline.occurrence}".rstrip(),
        (f"{keys} +{more}" if more > 0 else keys, FAINT),
    )
