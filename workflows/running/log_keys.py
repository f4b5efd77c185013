"""The keys of the log as events of the office: begun, and put in another's place."""

from __future__ import annotations

from dataclasses import replace

from engine.act import Act
from engine.definition import ADMINISTRATOR
from engine.errors import N_, NotPermitted, ReasonRequired, Refused
from engine.events import Event, Kind
from engine.facts import clean_text
from engine.note import VerifierKey
from engine.ports import Reader, UnitOfWork
from workflows import office
from workflows.running.desk import Application
from workflows.running.people import is_administrator
from workflows.running.sealing import known_keys


class KeyExists(Refused):
    """The log has a key."""

    code = "key-exists"
    template = N_("The log is signed by {key} already; put another in its place: duban key rotate")


class NoKey(Refused):
    """The log has no key."""

    code = "no-key"
    template = N_("The log has no key yet; make one with: duban key new")


class KeyName(Refused):
    """A key bears the name of its log."""

    code = "key-name"
    template = N_("A key of this log must bear its name, {name}, and not {key}.")


def may_change_keys(app: Application, actor: str, *, reason: str = "", first: bool) -> str:
    """Make sure that ``actor`` may give the log a key now; return the name that it must bear.

    Raises:
        NotPermitted: only an administrator may.
        KeyExists, NoKey: there is one, or there is none.
        ReasonRequired: a key is put in another's place, and nobody says why.

    """
    with app.store.reading() as reader:
        return _permit(reader, actor, reason=reason, first=first)


def record_key(
    app: Application,
    key: VerifierKey,
    actor: str,
    *,
    first: bool,
    lost: bool = False,
    reason: str = "",
    authority: str = "",
) -> Event:
    """Let ``key`` sign the log from now on, as an event of the office.

    Raises:
        NotPermitted: only an administrator may.
        KeyExists, NoKey: there is one, or there is none.
        KeyName: it bears another name than the log.
        ReasonRequired: a key is put in another's place, and nobody says why.

    """
    with app.store.unit_of_work(app.clock.now()) as unit:
        name = _permit(unit, actor, reason=reason, first=first)
        if name and key.name != name:
            raise KeyName(key=key.name, name=name)
        return _record(unit, key, actor, lost=lost, reason=reason, authority=authority)


def _permit(reader: Reader, actor: str, *, reason: str, first: bool) -> str:
    if not is_administrator(reader, actor, reader.now.date()):
        act = "key new" if first else "key rotate"
        raise NotPermitted(person=actor, act=act, key="log", allowed=[ADMINISTRATOR])
    known = known_keys(reader)
    if first and known:
        raise KeyExists(key=known[-1].key)
    if not first and not known:
        raise NoKey
    if not first and not reason.strip():
        raise ReasonRequired(act="key rotate", key="log")
    return known[-1].key.name if known else ""


def _record(
    unit: UnitOfWork, key: VerifierKey, actor: str, *, lost: bool, reason: str, authority: str
) -> Event:
    act = Act(
        actor=actor,
        occurred_at=unit.now,
        authority=clean_text("authority", authority, 400),
        reason=clean_text("reason", reason),
    )
    event = act.on(unit, unit.load(office.KEY), Kind.KEY)
    data: dict[str, object] = {"key": str(key)}
    if lost:
        data["lost"] = True
    return unit.append(replace(event, data=data))
