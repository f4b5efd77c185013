"""Machines and histories: which moves an edition has, and whether a history follows them."""

from __future__ import annotations

import hashlib
from typing import Any

from adapters.bundle.verifier.canon import written
from adapters.bundle.verifier.trouble import Bad, brief

DAEMON = "daemon"
OFFICE = "office"
"""The history of what belongs to no cycle: posts, keys, calendars."""
OPENED, MOVED, AMENDED, REDACTED = "opened", "moved", "amended", "redacted"

FIELDS = (
    "acting_for",
    "actor",
    "authority",
    "cause",
    "data",
    "edition",
    "instance",
    "kind",
    "occurred_at",
    "part",
    "recorded_at",
    "sequence",
    "source",
    "target",
    "texts",
    "timer",
    "trigger",
)
"""Every event has these, in this order."""

_KINDS: tuple[tuple[str, type], ...] = tuple(
    (name, {"sequence": int, "data": dict, "texts": dict}.get(name, str))
    for name in FIELDS
    if name != "cause"
)


class MachineEdition:
    """The edges of one edition of a machine."""

    def __init__(self, edition: str, content: Any, item: str) -> None:
        """Read the definition; it must be the one after whose hash the edition is named."""
        digest = hashlib.sha256(written(content)).hexdigest()[:16]
        try:
            self.name, states = str(content["name"]), content["states"]
            if edition != f"{self.name}@{digest}":
                raise Bad(item, "wrong-edition", brief(edition))
            self.edges = {
                (t["trigger"], source): t["target"]
                for t in content["transitions"]
                for source in t["sources"]
            }
            for target in content["forcible"]:
                for source in states:
                    if source != target:
                        self.edges[f"force:{target}", source] = target
            self.states = frozenset(states)
        except (KeyError, TypeError, AttributeError):
            raise Bad(item, "not-a-machine") from None


class HistoryWalk:
    """One instance, walked event by event."""

    def __init__(self, key: str, machines: dict[str, MachineEdition]) -> None:
        """Begin before the first event of the instance ``key``."""
        self.key = key
        self.sequence = 0
        self.state = ""
        self._machines = machines
        self._edition = ""
        self._moved_at = ""

    def step(self, event: dict[str, Any]) -> None:
        """Take the next event, or say why it cannot be the next."""
        item = f"{self.key} #{event['sequence']}"
        if event["sequence"] != self.sequence + 1:
            raise Bad(item, "gap", str(self.sequence + 1))
        if self.sequence == 0:
            self._open(event, item)
        elif event["kind"] == OPENED:
            raise Bad(item, "opened-twice")
        self.sequence += 1
        if event["kind"] == MOVED:
            self._move(event, item)
        elif event["kind"] == AMENDED and "machine" in event["data"]:
            self._amend(event["data"], item)
        elif any(event[name] for name in ("edition", "trigger", "source", "target")):
            raise Bad(item, "half-a-move")

    def _open(self, event: dict[str, Any], item: str) -> None:
        data = event["data"]
        machine = self._machines.get(str(data.get("machine")))
        if event["kind"] != OPENED or machine is None:
            raise Bad(item, "no-opening", brief(data.get("machine")))
        if data.get("state") not in machine.states:
            raise Bad(item, "no-such-state", brief(data.get("state")))
        self._edition, self.state = data["machine"], data["state"]

    def _amend(self, data: dict[str, Any], item: str) -> None:
        """Take the instance to another edition of its machine."""
        machine = self._machines.get(str(data["machine"]))
        if data.get("from") != self._edition:
            raise Bad(item, "other-edition", brief(data.get("from")))
        if machine is None or machine.name != self._machines[self._edition].name:
            raise Bad(item, "other-edition", brief(data["machine"]))
        if data.get("state") not in machine.states:
            raise Bad(item, "no-such-state", brief(data.get("state")))
        self._edition, self.state = data["machine"], data["state"]

    def _move(self, event: dict[str, Any], item: str) -> None:
        if event["edition"] != self._edition:
            raise Bad(item, "other-edition", brief(event["edition"]))
        if event["source"] != self.state:
            raise Bad(item, "edges", brief(f"{event['source']} / {self.state}"))
        target = self._machines[self._edition].edges.get((event["trigger"], self.state))
        if target is None or target != event["target"]:
            raise Bad(item, "no-edge", brief(event["trigger"]))
        if event["occurred_at"] < self._moved_at:
            raise Bad(item, "backwards", brief(event["occurred_at"]))
        self.state, self._moved_at = target, event["occurred_at"]


def require_event(event: Any, item: str) -> None:
    """Make sure that a value is an event: every field, and each of its type."""
    if not isinstance(event, dict) or tuple(event) != FIELDS:
        raise Bad(item, "not-an-event")
    cause = event["cause"]
    for name, kind in _KINDS:
        if type(event[name]) is not kind:
            raise Bad(item, "not-an-event", name)
    if cause is not None and type(cause) is not int:
        raise Bad(item, "not-an-event", "cause")
    if not all(isinstance(value, str) for value in event["texts"].values()):
        raise Bad(item, "not-an-event", "texts")
