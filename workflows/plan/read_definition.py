"""Reading a complete machine of the plan's own: states, transitions, records, joins, cascades."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from engine.checks import declares
from engine.definition import (
    ADMINISTRATOR,
    Cascade,
    Counted,
    Field,
    Join,
    RecordKind,
    Transition,
    Workflow,
)
from engine.errors import N_
from engine.facts import FactType
from engine.guards import Compare, Guard, Joined, Known, Reached, StateIn, leaves
from workflows.plan.diagnostics import Place
from workflows.plan.element import LONGEST_ID, Element, Reading
from workflows.plan.read_guards import read_guard
from workflows.plan.source import Mapping, Node
from workflows.roles import DAEMON, ROLES

MOST_PARTS = 300
"""States, transitions, records, fields of one machine."""

RESERVED = "state"
"""A name that the library keeps for itself."""

_Part = TypeVar("_Part")


def read_definition(e: Element, name: str) -> Workflow:
    """Return the machine that ``e`` declares; what names nothing is noted and left out."""
    definition = _Definition(e, name)
    states = definition.ids("states", required=True)
    definition.states = states
    initial = definition.some_states("initial", required=True)
    records = definition.parts("records", definition.record)
    workflow = Workflow(
        name=name,
        states=states,
        initial=initial[0] if initial else "",
        line=definition.some_states("line") or states,
        final=definition.some_states("final", required=True),
        void=definition.some_states("void"),
        transitions=definition.parts("transitions", definition.transition),
        forcible=definition.some_states("forcible"),
        records=records,
        facts=definition.facts(),
        cascades=definition.parts("cascades", definition.cascade),
        joins=definition.parts("joins", definition.join),
    )
    definition.check_guards(workflow)
    return workflow


class _Definition:
    """One machine while it is read."""

    def __init__(self, element: Element, name: str) -> None:
        self.element = element
        self.name = name
        self.reading: Reading = element.reading
        self.states: tuple[str, ...] = ()
        self._guards: list[tuple[Node, Guard]] = []

    def parts(self, key: str, read: Callable[[Element], _Part]) -> tuple[_Part, ...]:
        return tuple(self._parts(self.element, key, read))

    def _parts(
        self, holder: Element, key: str, read: Callable[[Element], _Part]
    ) -> Iterator[_Part]:
        for node in self._few(holder, key):
            with self.reading.element(node, key) as e:
                if e is not None:
                    yield read(e)

    def _few(self, holder: Element, key: str) -> tuple[Node, ...]:
        """Return the items of a list that no sensible machine makes long."""
        nodes = holder.nodes(key)
        if len(nodes) > MOST_PARTS:
            self.reading.notes.add("P138", holder.at(key), key=key, limit=MOST_PARTS)
            return ()
        return nodes

    def ids(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Return names, each once."""
        found: dict[str, int] = {}
        placed = self.element.placed(key, required=required)
        if len(placed) > MOST_PARTS:
            self.reading.notes.add("P138", self.element.at(key), key=key, limit=MOST_PARTS)
            return ()
        for text, place in placed:
            if text in found:
                noun = N_("state")
                self.reading.notes.add("P132", place, id=text, noun=noun, first=found[text])
            found.setdefault(text, place.line)
        return tuple(found)

    def some_states(
        self, key: str, element: Element | None = None, *, required: bool = False
    ) -> tuple[str, ...]:
        placed = (element or self.element).placed(key, required=required)
        found = (text for text, place in placed if self._known("P213", text, self.states, place))
        return tuple(dict.fromkeys(found))

    def _known(self, code: str, name: str, known: Iterable[str], place: Place) -> bool:
        options = tuple(known)
        if name in options:
            return True
        self.reading.names.unknown(code, name, options, place, machine=self.name)
        return False

    def roles(self, e: Element, *extra: str) -> tuple[str, ...]:
        known = (*ROLES, *extra)
        return tuple(
            text for text, place in e.placed("by") if self._known("P212", text, known, place)
        )

    def transition(self, e: Element) -> Transition:
        trigger = e.id("trigger")
        if trigger == RESERVED:
            e.note("P125", e.at("trigger"), id=trigger, longest=LONGEST_ID)
        target = self.some_states("to", e, required=True)
        node = e.get("guard")
        guard = read_guard(self.reading, node)
        if node is not None:
            self._guards.append((node, guard))
        return Transition(
            trigger=trigger,
            sources=self.some_states("from", e, required=True),
            target=target[0] if target else "",
            guard=guard,
            by=self.roles(e, DAEMON),
            automatic=e.flag("automatic"),
            needs_reason=e.flag("needs_reason"),
            not_by_maker_of=e.text("not_by_maker_of"),
            clears=e.texts("clears"),
        )

    def record(self, e: Element) -> RecordKind:
        return RecordKind(
            kind=e.id("kind"),
            by=self.roles(e, ADMINISTRATOR),
            fields=tuple(self._parts(e, "fields", _field)),
            states=self.some_states("states", e),
            per=e.text("per"),
            answers=e.text("answers"),
        )

    def facts(self) -> tuple[tuple[str, FactType], ...]:
        node = self.element.get("facts")
        if node is None:
            return ()
        with self.reading.element(node, "facts") as e:
            if e is None or not isinstance(node, Mapping):
                return ()
            return tuple((name, e.choice(name, FactType, FactType.TEXT)) for name in node.entries)

    def cascade(self, e: Element) -> Cascade:
        return Cascade(
            trigger=e.id("trigger"),
            child=self._machine(e, "child"),
            child_trigger=e.id("child_trigger"),
            refuses_stragglers=e.flag("refuses_stragglers", default=True),
        )

    def join(self, e: Element) -> Join:
        return Join(
            name=e.id("name"),
            counted=tuple(self._parts(e, "counted", self._counted)),
            may_be_empty=e.flag("may_be_empty"),
        )

    def _counted(self, e: Element) -> Counted:
        return Counted(
            workflow=self._machine(e, "machine"),
            arrived=e.texts("arrived", required=True),
            left_out=e.texts("left_out"),
            when=read_guard(self.reading, e.get("when")),
        )

    def _machine(self, e: Element, key: str) -> str:
        text = e.text(key, required=True)
        if text:
            self.reading.names.refer("P221", ("machine",), text, e.at(key))
        return text

    def check_guards(self, workflow: Workflow) -> None:
        """Note what guards read that the machine does not have."""
        known = [name for name, _ in workflow.facts]
        known += [record.kind for record in workflow.records]
        joins = [join.name for join in workflow.joins]
        for node, guard in self._guards:
            for leaf in leaves(guard):
                match leaf:
                    case Known(fact) | Reached(fact) | Compare(fact) if not declares(
                        workflow, fact
                    ):
                        self._known("P222", fact, known, node.place)
                    case Joined(join):
                        self._known("P223", join, joins, node.place)
                    case StateIn(states):
                        for state in states:
                            self._known("P213", state, self.states, node.place)
                    case _:
                        pass


def _field(e: Element) -> Field:
    return Field(
        name=e.id("name"),
        type=e.choice("type", FactType, FactType.TEXT),
        required=e.flag("required"),
        personal=e.flag("personal"),
        choices=e.texts("choices"),
    )
