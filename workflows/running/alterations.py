"""What one plan says otherwise than another: part by part, as people read it beforehand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.population import Tally
from workflows.plan.model import Plan
from workflows.plan.store_form import to_data

LONGEST = 80
"""Characters of a value that an alteration repeats."""

PARTS = {
    "posts": "post",
    "sections": "section",
    "outside": "outside",
    "categories": "category",
    "sources": "source",
    "ladders": "ladder",
    "steps": "step",
}
"""Lists of the plan, and what one of their items is called."""

APART = ("targets", "machines", *PARTS)
"""What is not compared as a value of the head."""

ADDED, REMOVED, STAYS, MOVES = "added", "removed", "stays", "moves"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """One thing that a new plan says otherwise."""

    part: str
    """Of which kind it is: the ``plan``, a ``post``, a ``step``, a ``date``, a ``target``, …"""
    name: str
    """The id of what changes; empty for the plan itself."""
    what: str
    """Which value of it, or ``added``, ``removed``, ``stays``, ``moves``."""
    before: str = ""
    after: str = ""
    touched: Sequence[Tally] = field(default_factory=tuple)
    """Whom it touches: per owner how many, and the first of them."""

    @property
    def count(self) -> int:
        """Return how many instances it touches."""
        return sum(tally.count for tally in self.touched)


def alterations(old: Plan, new: Plan) -> Iterator[Alteration]:
    """Yield what ``new`` says otherwise than ``old``; targets and machines apart."""
    before, after = to_data(old), to_data(new)
    for name in before.keys() | after.keys():
        if name not in APART and before.get(name) != after.get(name):
            yield _value("plan", "", name, before.get(name), after.get(name))
    for part, noun in PARTS.items():
        yield from _items(noun, before[part], after[part])


def _items(
    noun: str, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> Iterator[Alteration]:
    old, new = ({str(i.get("id") or i["name"]): i for i in items} for items in (before, after))
    for name in [*old, *(n for n in new if n not in old)]:
        if name not in new:
            yield Alteration(part=noun, name=name, what=REMOVED, before=_title(old[name]))
        elif name not in old:
            yield Alteration(part=noun, name=name, what=ADDED, after=_title(new[name]))
        else:
            one, other = old[name], new[name]
            for key in other:
                # The rule of a date is said by its text; what becomes of it, by the date.
                if key != "due" and one.get(key) != other[key]:
                    yield _value(noun, name, key, one.get(key), other[key])


def _value(part: str, name: str, what: str, before: Any, after: Any) -> Alteration:
    return Alteration(part=part, name=name, what=what, before=_short(before), after=_short(after))


def _title(item: Mapping[str, Any]) -> str:
    name = item.get("name")
    return str(name.get("zh", "")) if isinstance(name, Mapping) else ""


def _short(value: Any) -> str:
    if isinstance(value, Mapping) and set(value) == {"zh", "en"}:
        value = value["zh"]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
