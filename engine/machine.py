"""The single authority on what is legal, built on the `transitions` library.

`Machine.fire` executes one move; `Machine.moves` reads the same edges back for
every set-based reader. Nothing else in the project decides legality.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import transitions

from engine.definition import FORCE, Move, Workflow
from engine.errors import (
    N_,
    DefinitionError,
    GuardRejected,
    IllegalTransition,
    NotForcible,
    UnknownTrigger,
)
from engine.guards import View, holds, unmet


@dataclass(slots=True)
class _Cursor:
    """The throwaway model that `transitions` moves from state to state.

    A fresh one per step: registering models would keep every instance alive
    in the library's machine and bind a method per trigger on each of them.
    """

    state: str


class _Edge(transitions.Transition):
    """A library transition that remembers the move it was built from."""

    def __init__(self, *args: Any, move: Move, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.move = move


class _Library(transitions.Machine):
    transition_cls = _Edge


class Machine:
    """One edition of a workflow, ready to run."""

    def __init__(self, workflow: Workflow) -> None:
        """Load ``workflow`` into the library.

        Raises:
            DefinitionError: two transitions leave one state on one trigger,
                or a transition names a state that is not declared.

        """
        self.workflow = workflow
        moves = tuple(workflow.moves())
        for (trigger, source), count in Counter((m.trigger, m.source) for m in moves).items():
            if count > 1:
                problem = N_("several transitions leave one state on one trigger")
                raise DefinitionError(
                    workflow=workflow.name, problem=problem, trigger=trigger, state=source
                )
        unknown = {s for m in moves for s in (m.source, m.target)} - set(workflow.states)
        if unknown or workflow.initial not in workflow.states:
            problem = N_("a transition names a state that is not declared")
            raise DefinitionError(workflow=workflow.name, problem=problem, states=sorted(unknown))
        self._library = _Library(
            model=None,
            states=list(workflow.states),
            initial=workflow.initial,
            auto_transitions=False,  # no to_<state>() back doors
            send_event=True,
        )
        for move in moves:
            self._library.add_transition(
                move.trigger, move.source, move.target, conditions=_condition(move), move=move
            )
        edges = (e for e in self._library.get_transitions() if isinstance(e, _Edge))
        self._moves = tuple(edge.move for edge in edges)
        self._by_edge = {(m.trigger, m.source): m for m in self._moves}
        self._triggers = sorted({m.trigger for m in self._moves if not m.forced})

    def moves(self, trigger: str = "") -> tuple[Move, ...]:
        """Return the edges that the library would execute, optionally for one trigger."""
        return tuple(m for m in self._moves if not trigger or m.trigger == trigger)

    def leaving(self, state: str) -> tuple[Move, ...]:
        """Return the moves that leave ``state``, guards aside, in declared order."""
        return tuple(m for m in self._moves if m.source == state)

    def edge(self, trigger: str, source: str) -> Move | None:
        """Return the move that ``trigger`` makes from ``source``, if there is one."""
        return self._by_edge.get((trigger, source))

    def fire(self, key: str, trigger: str, view: View) -> Move:
        """Execute one step for the instance ``key`` and return the move made.

        Raises:
            UnknownTrigger: no transition has this trigger.
            IllegalTransition: the trigger does not leave the state.
            GuardRejected: it does, but its guard does not hold.

        """
        event = self._library.events.get(trigger)
        if event is None:
            raise UnknownTrigger(workflow=self.workflow.name, trigger=trigger, known=self._triggers)
        if view.state not in self._library.states:  # the library would raise a bare ValueError
            raise IllegalTransition(key=key, trigger=trigger, state=view.state, allowed=[])
        cursor = _Cursor(view.state)
        try:
            moved = event.trigger(cursor, view=view)
        except transitions.MachineError:
            allowed = [m.trigger for m in self.leaving(view.state) if not m.forced]
            raise IllegalTransition(
                key=key, trigger=trigger, state=view.state, allowed=allowed
            ) from None
        move = self._by_edge[trigger, view.state]
        if not moved:  # the library answers a failed condition with False, not with an error
            raise GuardRejected(
                key=key, trigger=trigger, state=view.state, unmet=list(unmet(move.guard, view))
            )
        return move

    def force(self, key: str, target: str, view: View) -> Move:
        """Execute the forced move to ``target``; no guard stands on it.

        Raises:
            NotForcible: the machine declares no forced move from here to there.

        """
        if self.edge(f"{FORCE}:{target}", view.state) is None:
            allowed = [s for s in self.workflow.forcible if s != view.state]
            raise NotForcible(key=key, state=view.state, target=target, allowed=allowed)
        return self.fire(key, f"{FORCE}:{target}", view)


def _condition(move: Move) -> Any:
    def condition(event: transitions.EventData) -> bool:
        return holds(move.guard, event.kwargs["view"])

    return condition
