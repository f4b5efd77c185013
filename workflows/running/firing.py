"""Firing timers: what a date brings about, once per instance it concerns.

Time opens, closes, warns and escalates; it completes nothing, unless the plan
declares that it does. State, windows, lateness and lamps take effect with
their nominal and their actual time; of several rungs that are due at once
only the last one that applies to somebody speaks to him.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.act import Act
from engine.deadline import Deadline, Rungs, Timer, TimerState
from engine.errors import GuardRejected, IllegalTransition, StragglersRefused
from engine.events import DAEMON, Data, Event, Kind
from engine.facts import to_text
from engine.ladder import Action, Behind
from engine.moves import move
from engine.population import Tally
from engine.ports import NoticeItem, UnitOfWork
from workflows.plan.model import Scope, Step
from workflows.running.catch_up import released, speaks_too_late
from workflows.running.chunks import Effect, Progress, go_on, take_effect
from workflows.running.consequences import follow
from workflows.running.desk import Desk
from workflows.running.granting import granted_until
from workflows.running.lapse import lapse
from workflows.running.opening import assignment_instances, opening_event
from workflows.running.people import recipients
from workflows.running.pro_rata import condition_of, conditions_of, expected_percent
from workflows.running.schedule import in_order, ladder_of, rung_number
from workflows.running.slips import issue_slips
from workflows.running.speaking import later_rungs_due, left_to
from workflows.running.steps import falling_short, laggards, origin, owner_of


def fire_due(desk: Desk[UnitOfWork]) -> int:
    """Fire every timer of the cycle that is due, in order of time; return how many."""
    fired = 0
    while due := in_order(desk.unit.due(desk.now, desk.key)):
        for timer in due:
            fired += 1
            if fire(desk, timer, later_rungs_due(timer, due)):
                break
    return fired


def fire(desk: Desk[UnitOfWork], timer: Timer, later: Sequence[Timer] = ()) -> bool:
    """Let a timer take effect, if it has not yet.

    ``later`` rungs of its date are due with it, and speak to those whom they
    concern. Returns whether it moved something, or has only begun. A move may
    set dates, of which some may be past already: what is due has to be asked
    for again, or it would not fire in order of time.
    """
    claimed = desk.unit.claim(timer.id)
    if claimed is None or claimed.fires_at > desk.now:  # a clock may be set back after one asked
        return False
    done = Progress()
    desk = replace(desk, nominal=timer.fires_at)
    found = [
        d for d in desk.unit.deadlines(desk.key, all_versions=True) if d.id == claimed.deadline
    ]
    deadline = found[0]
    step = desk.plan.step(deadline.step)
    if claimed.cursor:
        done = go_on(desk, claimed)
    elif claimed.rung == Rungs.LAPSE:
        lapse(desk, deadline, claimed)
    elif step is not None and deadline.current:
        number = rung_number(claimed)
        if released(desk, deadline):
            if number is not None:  # who resumes goes on climbing on dates set anew
                _arm_next(desk, step, deadline, number)
        elif number is not None:
            done = _climb(desk, step, deadline, claimed, number, later)
        elif claimed.rung == Rungs.MOVE:
            done = _move(desk, step, deadline, claimed)
        else:
            _edge(desk, step, deadline, claimed)
    if done.chunks:
        claimed = replace(claimed, cursor=done.chunks)
    else:
        claimed = replace(claimed, state=TimerState.FIRED)
    desk.unit.settle_timer(replace(claimed, next_attempt_at=None, last_error=""))
    return done.moved or done.chunks > 0


def _climb(
    desk: Desk[UnitOfWork],
    step: Step,
    deadline: Deadline,
    timer: Timer,
    number: int,
    later: Sequence[Timer],
) -> Progress:
    rungs = ladder_of(desk.plan, step).rungs
    rung = rungs[number]
    condition = condition_of(desk, deadline, rung, timer.fires_at)
    population = falling_short(desk.plan, step, deadline, condition)
    tallies = desk.unit.tally(population)
    higher = _passed_by_hand(desk, step, deadline, number)
    if not higher:
        _arm_next(desk, step, deadline, number)
    if not tallies:
        return Progress()
    left = left_to(condition, conditions_of(desk, deadline, rungs, later))
    spoken_to = tallies
    if later:
        spoken_to = desk.unit.tally(falling_short(desk.plan, step, deadline, left)) if left else ()
    owners: dict[str, object] = {"owed": [_line(step, tally) for tally in tallies]}
    if len(spoken_to) < len(tallies) and spoken_to:
        owners["spoken_to"] = [owner_of(step, tally.owner) for tally in spoken_to]
    if isinstance(rung.when, Behind):
        owners["expected"] = expected_percent(desk, deadline, timer.fires_at)
    lamp = desk.unit.load(deadline.instance).lamp if higher else rung.lamp
    cause = _on_cycle(
        desk,
        timer,
        Kind.REMINDED if spoken_to else Kind.FOLDED,
        "rung",
        {
            "step": step.id,
            "occurrence": deadline.occurrence,
            "due": to_text(deadline.due_at) if deadline.due_at else "",
            "rung": number,
            "action": str(rung.action),
            "label": lamp,
            **owners,
        },
    )
    if rung.action is Action.SLIP and rung.reply:
        issue_slips(desk, step, deadline, number, rung, population, cause)
    effect = Effect(
        step=step,
        deadline=deadline,
        timer=timer,
        rung=rung,
        condition=condition,
        lights=bool(rung.lamp) and not higher,
    )
    count = sum(tally.count for tally in tallies)
    if effect.moves:
        count = desk.unit.count(laggards(desk.plan, step, deadline))
    done = take_effect(desk, effect, count, cause.position)
    if rung.action is Action.MOVE and step.scope is Scope.CYCLE:
        done = Progress(moved=_move_cycle(desk, step, deadline, timer))
    _tell(desk, step, cause, rung.recipients, spoken_to, held=_waits(desk, timer))
    return done


def _passed_by_hand(desk: Desk[UnitOfWork], step: Step, deadline: Deadline, number: int) -> bool:
    """Return whether the instance stood on a higher rung already; none is climbed twice."""
    history = desk.unit.history(deadline.instance) if deadline.instance else ()
    if not any(e.kind is Kind.ENTERED and e.data["step"] == step.id for e in history):
        return False
    return any(
        timer.deadline == deadline.id
        and timer.state is TimerState.FIRED
        and (rung_number(timer) or 0) > number
        for timer in desk.unit.timers(desk.key, pending=False)
    )


def _arm_next(desk: Desk[UnitOfWork], step: Step, deadline: Deadline, number: int) -> None:
    """Arm the rung after this one, if it counts from now: a date set anew."""
    rungs = ladder_of(desk.plan, step).rungs
    if number + 1 >= len(rungs) or not rungs[number + 1].after_previous:
        return
    following = rungs[number + 1]
    moment = granted_until(desk, desk.today, following.offset, following.unit, step.due)
    rung = f"r{number + 1}"
    timer = Timer(
        id=f"{deadline.id}:{rung}",
        deadline=deadline.id,
        cycle=deadline.cycle,
        rung=rung,
        fires_at=moment,
    )
    desk.unit.set_deadlines([], [timer])


def _waits(desk: Desk[UnitOfWork], timer: Timer) -> bool:
    """Return whether what this timer tells is seen by a person first."""
    flood = desk.holds_until is not None and timer.fires_at <= desk.holds_until
    return flood or speaks_too_late(desk, timer)


def _line(step: Step, tally: Tally) -> dict[str, object]:
    return {
        "owner": owner_of(step, tally.owner),
        "count": tally.count,
        "first": list(tally.first),
    }


def _tell(
    desk: Desk[UnitOfWork],
    step: Step,
    cause: Event,
    roles: Sequence[str],
    tallies: Sequence[Tally],
    *,
    held: bool,
) -> None:
    owners = [owner_of(step, tally.owner) for tally in tallies]
    told = recipients(desk, roles, owners)
    desk.unit.tell(
        NoticeItem(event=cause.position, recipient=who, channel=channel, about=about, held=held)
        for who, about in told.items()
        for channel in desk.channels_of(who)
    )


def _move(desk: Desk[UnitOfWork], step: Step, deadline: Deadline, timer: Timer) -> Progress:
    """Make the move that the plan declares for the date, where it is legal (promise 5)."""
    if step.scope is Scope.CYCLE:
        return Progress(moved=_move_cycle(desk, step, deadline, timer))
    effect = Effect(step=step, deadline=deadline, timer=timer)
    return take_effect(desk, effect, desk.unit.count(laggards(desk.plan, step, deadline)), None)


def _move_cycle(desk: Desk[UnitOfWork], step: Step, deadline: Deadline, timer: Timer) -> bool:
    if not desk.unit.count(laggards(desk.plan, step, deadline)):
        return False
    act = Act(actor=DAEMON, occurred_at=timer.fires_at, timer=timer.id, part="move")
    cycle = desk.unit.load(desk.key)
    if cycle.moved_at and act.occurred_at < cycle.moved_at:
        act = replace(act, occurred_at=cycle.moved_at)
    try:
        events = move(desk.unit, cycle, step.fires, act)
    except (GuardRejected, IllegalTransition, StragglersRefused) as refused:
        data = {"step": step.id, "trigger": step.fires, "refused": refused.code}
        _on_cycle(desk, timer, Kind.REMINDED, "move", data)
        return False
    follow(desk, cycle, events, DAEMON)
    return True


def _edge(desk: Desk[UnitOfWork], step: Step, deadline: Deadline, timer: Timer) -> None:
    """Record that a window opens or closes; a recurrence creates what is to be handed in."""
    kind = Kind.WINDOW_OPENED if timer.rung == Rungs.OPEN else Kind.WINDOW_CLOSED
    data = {"step": step.id, "occurrence": deadline.occurrence}
    cause = _on_cycle(desk, timer, kind, str(timer.rung), data)
    if timer.rung == Rungs.OPEN and step.hand_in and deadline.occurrence:
        born = []
        for instance in assignment_instances(
            desk.plan, step, origin(deadline), deadline.occurrence
        ):
            event = replace(
                opening_event(desk.unit, instance, DAEMON),
                occurred_at=timer.fires_at,
                cause=cause.position,
                timer=timer.id,
                part=str(timer.rung),
            )
            born.append((instance, event))
        desk.unit.create(born)


def _on_cycle(desk: Desk[UnitOfWork], timer: Timer, kind: Kind, part: str, data: Data) -> Event:
    cycle = desk.unit.load(desk.key)
    return desk.unit.append(
        Event(
            instance=cycle.key,
            sequence=cycle.sequence + 1,
            kind=kind,
            actor=DAEMON,
            occurred_at=timer.fires_at,
            recorded_at=desk.now,
            timer=timer.id,
            part=part,
            data=data,
        )
    )
