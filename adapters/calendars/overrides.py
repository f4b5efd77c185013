"""Overrides: the days that one organisation's own documents decide, in YAML or CSV.

A row says of one day that it is worked or off, from which document, in which
edition. A year may be declared complete: then all its days are settled, and
those without a row follow their weekday. Overrides win over every package.

YAML:

    edition: qz-2027-1            # for rows without one of their own
    source: 国办发明电〔2026〕99号
    complete: [2027]
    days:
      - {day: 2027-02-06, kind: working}
      - {day: 2027-02-08, kind: off, source: 泉国资办〔2027〕1号, edition: qz-2027-2}

CSV has the columns day, kind, source, edition; a row with a bare year and the
kind `complete` declares that year.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.calendar import Calendar, DayKind, Festive
from engine.errors import N_, EngineError, Worded
from workflows.plan.yaml_problems import in_words

COLUMNS = ("day", "kind", "source", "edition")
KINDS = {"working": True, "off": False, "上班": True, "放假": False}
COMPLETE = {"complete", "完整"}
SATURDAY = 5
WHOLE = N_("the file")


class BadOverrides(EngineError):
    """An override file that cannot be taken as it stands."""

    code = "bad-overrides"
    template = N_("Cannot read calendar overrides from {name}, {where}: {problem}.")


@dataclass(frozen=True, slots=True)
class Override:
    """One day that a document decides."""

    day: date
    working: bool
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class Overrides:
    """All overrides of one organisation."""

    days: Mapping[date, Override]
    complete: Mapping[int, str]
    """Years in which no day is open any more, with the document that says so."""
    edition: str
    """The editions of the rows, and a fingerprint: an edited file never passes for the old."""


class OverriddenCalendar:
    """A calendar with an organisation's overrides laid over it."""

    def __init__(self, base: Calendar, overrides: Overrides) -> None:
        """Lay ``overrides`` over ``base``."""
        self._base = base
        self._overrides = overrides

    @property
    def edition(self) -> str:
        """Name the editions of both layers."""
        return f"{self._base.edition} + {self._overrides.edition}"

    def day(self, day: date) -> DayKind:
        """Return what ``day`` is."""
        weekday = day.weekday() < SATURDAY
        if (row := self._overrides.days.get(day)) is not None:
            return DayKind(row.working, source=row.source, special=row.working != weekday)
        if (source := self._overrides.complete.get(day.year)) is not None:
            return DayKind(weekday, source=source)
        return self._base.day(day)

    def festival(self, name: str, year: int) -> date | None:
        """Return the day of a festival, as the calendar below knows it."""
        return self._base.festival(name, year) if isinstance(self._base, Festive) else None


def read_overrides(path: Path) -> Overrides:
    """Read a ``.yaml``, ``.yml`` or ``.csv`` file of overrides.

    Raises:
        BadOverrides: the file is missing, is not text, or a row of it is wrong.

    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise _bad(
            path.name, WHOLE, Worded(N_("it cannot be opened ({said})"), said=error.strerror)
        ) from None
    except UnicodeDecodeError:
        raise _bad(path.name, WHOLE, N_("it is not UTF-8; save it as CSV UTF-8")) from None
    return parse_overrides(text, path.name)


def parse_overrides(text: str, name: str) -> Overrides:
    """Parse the text of an override file; the ending of ``name`` tells its format.

    Raises:
        BadOverrides: a row, or the text as a whole, is wrong.

    """
    ending = Path(name).suffix.lower()
    if ending in {".yaml", ".yml"}:
        rows = _rows_of_yaml(text, name)
    elif ending == ".csv":
        rows = _rows_of_csv(text, name)
    else:
        raise _bad(name, WHOLE, N_("its name must end in .yaml, .yml or .csv"))
    return _collect(rows, text, name)


_Row = tuple[str, dict[str, str]]
"""Where a row stands in the file, and its fields as text."""


def _collect(rows: Iterable[_Row], text: str, name: str) -> Overrides:
    days: dict[date, Override] = {}
    complete: dict[int, str] = {}
    editions: dict[str, None] = {}
    for where, row in rows:
        for field in COLUMNS:
            if not row[field]:
                raise _bad(name, where, Worded(N_("{field} is empty"), field=field))
        editions[row["edition"]] = None
        if row["kind"] in COMPLETE:
            complete[_year(row["day"], name, where)] = row["source"]
            continue
        day = _day(row["day"], name, where)
        if row["kind"] not in KINDS:
            raise _bad(
                name, where, Worded(N_("kind is {kind}, must be working or off"), kind=row["kind"])
            )
        if day in days:
            raise _bad(name, where, Worded(N_("{day} stands there twice; keep one row"), day=day))
        days[day] = Override(day, KINDS[row["kind"]], row["source"], row["edition"])
    if not editions:
        raise _bad(name, WHOLE, N_("it has no row"))
    fingerprint = sha256(text.encode()).hexdigest()[:8]
    return Overrides(
        days=MappingProxyType(days),
        complete=MappingProxyType(complete),
        edition=f"overrides:{','.join(editions)}#{fingerprint}",
    )


def _rows_of_csv(text: str, name: str) -> Iterable[_Row]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [field.strip() for field in next(lines, [])]
        if sorted(header) != sorted(COLUMNS):
            raise _bad(
                name, _line(1), Worded(N_("the columns must be {known}"), known=", ".join(COLUMNS))
            )
        for fields in lines:
            where = _line(lines.line_num)
            if not any(field.strip() for field in fields):
                continue
            if len(fields) != len(header):
                problem = Worded(
                    N_("it has {found} fields, must have {needed}"),
                    found=len(fields),
                    needed=len(header),
                )
                raise _bad(name, where, problem)
            yield where, dict(zip(header, (field.strip() for field in fields), strict=True))
    except csv.Error as error:
        raise _bad(
            name, _line(lines.line_num), Worded(N_("it is not CSV ({said})"), said=error)
        ) from None


def _rows_of_yaml(text: str, name: str) -> Iterable[_Row]:
    top = _mapping(
        _load_yaml(text, name), {"edition", "source", "complete", "days"}, name, N_("the top")
    )
    shared = {"source": _text(top.get("source")), "edition": _text(top.get("edition"))}
    for number, year in enumerate(_list(top.get("complete"), name, "complete"), start=1):
        yield (
            Worded(N_("complete {number}"), number=number),
            {"day": _text(year), "kind": "complete", **shared},
        )
    for number, entry in enumerate(_list(top.get("days"), name, "days"), start=1):
        where = Worded(N_("row {number}"), number=number)
        row = _mapping(entry, set(COLUMNS), name, where)
        own = {field: _text(row.get(field)) for field in COLUMNS}
        yield where, {field: own[field] or shared.get(field, "") for field in COLUMNS}


def _load_yaml(text: str, name: str) -> object:
    # Imported on first use, like every reader of a file that most commands never open.
    from ruamel.yaml import YAML  # noqa: PLC0415
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:
        # YAML 1.2: in 1.1 the word `off` would be the boolean false.
        loaded: object = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = WHOLE if mark is None else _line(mark.line + 1)
        said = in_words(getattr(error, "problem", None) or type(error).__name__)
        raise _bad(name, where, Worded(N_("it is not YAML ({said})"), said=said)) from None
    except ValueError as error:  # a date such as 2027-02-30
        raise _bad(name, WHOLE, Worded(N_("it holds no such date ({said})"), said=error)) from None
    return loaded


def _mapping(found: object, known: set[str], name: str, where: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise _bad(name, where, N_("it must be fields with values"))
    unknown = sorted(str(field) for field in found if field not in known)
    if unknown:
        problem = N_("unknown field {field}; known are {known}")
        known_fields = ", ".join(sorted(known))
        raise _bad(name, where, Worded(problem, field=unknown[0], known=known_fields))
    return found


def _list(found: object, name: str, where: str) -> list[object]:
    if found is None:
        return []
    if not isinstance(found, list):
        raise _bad(name, where, N_("it must be a list"))
    return found


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return str(value).strip()


def _day(text: str, name: str, where: str) -> date:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise _bad(
        name, where, Worded(N_("day is {text}, must be a date such as 2027-02-06"), text=text)
    )


def _year(text: str, name: str, where: str) -> int:
    if re.fullmatch(r"[0-9]{4}", text) and int(text) > 0:
        return int(text)
    raise _bad(
        name,
        where,
        Worded(N_("day is {text}, must be a year such as 2027 where kind is complete"), text=text),
    )


def _line(number: int) -> str:
    return Worded(N_("line {number}"), number=number)


def _bad(name: str, where: str, problem: str) -> BadOverrides:
    return BadOverrides(name=name, where=where, problem=problem)
