"""Scripts: what happens in one simulated life, drawn from a seed, and written down step by step.

A script decides everything: who has the turn, what people ask, when the clock moves, and what
goes wrong at which commit. The same script is the same life.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple

CLOCK = "clock"

KILL_BEFORE = "killed before the commit"
KILL_AFTER = "killed after the commit"
FAIL = "the commit fails"
LOSE = "the answer to the commit is lost"
REFUSE = "the channel refuses"
DOUBLE = "delivered, but the answer is lost"
SUSPENDED = "suspended while the clock went on"
"""Not drawn by itself: the clock moved between an actor's looking at it and its unit."""
FAULTS = (KILL_BEFORE, KILL_AFTER, FAIL, LOSE, REFUSE, DOUBLE)

ONWARD = "onward"
"""What a person does who brings the cycle on from wherever it stands."""
INCIDENTS = (
    "progress",
    "proofs",
    "send back",
    "return report",
    "withdraw",
    "extend",
    "suspend",
    "resume",
    "excuse",
    "raise",
    "rectify",
    "verify",
    "close",
    "quarter",
    "return material",
    "hand in again",
    "complete the work plan",
    "force approved",
    "force drafted",
)


SIZES = (1, 2, 5_000)
"""Of a chunk: with one or two, a rung on a few targets is done in several units."""


class Step(NamedTuple):
    """One turn: of an actor, up to its next commit or question, or of the clock."""

    who: str
    act: str = ""
    """What a person begins, unless still busy; by how much the clock moves."""
    fault: str = ""

    def __str__(self) -> str:
        return "  ".join(part for part in self if part)


@dataclass(frozen=True)
class Script:
    """One life: which plan it is, and its steps."""

    seed: int
    silence_counts: bool
    prompt: bool
    """Nobody is ever suspended between looking at the clock and opening a unit."""
    steps: tuple[Step, ...]
    chunk: int = 5_000
    """How many instances a chunk has: of a few targets, one or two, or all."""

    def of(self, steps: Sequence[Step]) -> Script:
        """Return the same life with other steps."""
        return replace(self, steps=tuple(steps))

    def __str__(self) -> str:
        plan = "time moves what silence decides" if self.silence_counts else "the usual plan"
        lines = "\n".join(f"  {number:3}  {step}" for number, step in enumerate(self.steps, 1))
        size = f", chunks of {self.chunk}" if self.chunk in SIZES[:2] else ""
        return f"seed {self.seed}, {plan}{size}, {len(self.steps)} steps:\n{lines}"

    @property
    def turns_clock_back(self) -> bool:
        return any(s.who == CLOCK and s.act.startswith("-") for s in self.steps)


def script_of(seed: int) -> Script:
    """Draw a life: one to three daemons, one or two people at a time, and what goes wrong."""
    rng = Random(seed)
    actors = [f"d{n + 1}" for n in range(rng.choice((1, 2, 2, 2, 3)))]
    actors += [f"p{n + 1}" for n in range(rng.choice((1, 2)))]
    weights = [rng.choice((1, 1, 3)) for _ in actors]
    faults = rng.choice((0.0, 0.01, 0.04, 0.1))
    jumps = rng.random() < 0.3
    steps = []
    for _ in range(rng.randint(80, 260)):
        if rng.random() < 0.14:
            steps.append(Step(CLOCK, _passing(rng, jumps=jumps)))
            continue
        if jumps and rng.random() < 0.06:
            steps.extend(_set_back(rng, rng.choice(actors)))
            continue
        who = rng.choices(actors, weights)[0]
        act = rng.choice((ONWARD, rng.choice(INCIDENTS))) if who[0] == "p" else ""
        steps.append(Step(who, act, rng.choice(FAULTS) if rng.random() < faults else ""))
    silence_counts, prompt = rng.random() < 0.5, rng.random() < 0.5
    return Script(seed, silence_counts, prompt, tuple(steps), rng.choice(SIZES))


def _passing(rng: Random, *, jumps: bool) -> str:
    """Draw how the clock moves: to what is due next, or around it, by a while, or by mistake."""
    if jumps and rng.random() < 0.2:
        return f"{rng.choice('+-')}{rng.randint(1, 30) * 60} minutes"
    if rng.random() < 0.5:
        return rng.choice(("due", "due", "just before due", "just after due"))
    return f"+{rng.choice((1, 50, 400, 1440, 4320, 14400, 28800))} minutes"


def _set_back(rng: Random, who: str) -> Iterator[Step]:
    """Draw a clock that is set back while somebody is at what has just fallen due.

    Left to chance, a clock hardly ever moves in the few turns between asking and firing.
    """
    yield Step(CLOCK, rng.choice(("due", "just after due")))
    yield from [Step(who, ONWARD if who[0] == "p" else "")] * rng.randint(1, 8)
    yield Step(CLOCK, f"-{rng.choice((1, 1, 600))} minutes")
    yield from [Step(who, ONWARD if who[0] == "p" else "")] * rng.randint(2, 6)


def shrunk(script: Script, fails: Callable[[Script], bool]) -> Script:
    """Return the shortest script found that still fails, by leaving steps out (delta debugging)."""
    steps: Sequence[Step] = script.steps
    size = max(len(steps) // 2, 1)
    while True:
        at, shorter = 0, False
        while at < len(steps):
            fewer = (*steps[:at], *steps[at + size :])
            if fails(script.of(fewer)):
                steps, shorter = fewer, True
            else:
                at += size
        if size == 1 and not shorter:
            break
        size = size if shorter and size == 1 else max(size // 2, 1)
    for at, step in enumerate(steps):  # then what is left, each as plain as it can be
        if step.fault:
            plain = (*steps[:at], step._replace(fault=""), *steps[at + 1 :])
            if fails(script.of(plain)):
                steps = plain
    return script.of(steps)
