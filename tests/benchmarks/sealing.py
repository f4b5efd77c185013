"""What is measured of the log: sealing a year, hashing it anew, and one proof."""

from __future__ import annotations

from time import perf_counter

from engine import merkle
from engine.entries import Entry
from engine.merkle import Hashing
from tests.benchmarks import stages
from tests.benchmarks.figures import Figure, seconds, typical
from tests.benchmarks.sites import Site
from tests.contract.signing import Pen, verifies
from workflows.running.log_audit import audit_log
from workflows.running.sealing import Done, seal

ENTRIES_A_SECOND = 100_000
PROOFS = 20
PROOF_MILLISECONDS = 10.0


def log(site: Site, _count: int) -> list[Figure]:
    """Seal all that happened, verify it, and prove some of it."""
    pen, done = Pen(), Done()
    with site.copied("late") as database, stages.application(database, stages.LATE) as app:

        def sealing() -> None:
            nonlocal done
            done = seal(app, lambda _reader: [pen])

        sealed = seconds(sealing)
        with app.store.reading() as reader:
            verified = seconds(lambda: list(audit_log(reader, verifies)))
            size = reader.log_size()
            times = []
            for step in range(PROOFS):
                begun = perf_counter()
                position = 1 + step * (size // 2) // PROOFS
                leaf = reader.leaf_of(Entry.EVENT, position)
                assert leaf is not None
                merkle.inclusion_proof(Hashing(), reader.node, leaf.index, size)
                times.append(perf_counter() - begun)
    return [
        Figure(
            what="seal the log", value=done.leaves / sealed, unit="entries/s", aim=ENTRIES_A_SECOND
        ),
        Figure(
            what="verify the log: hashes, roots, gaps",
            value=done.leaves / verified,
            unit="entries/s",
            aim=ENTRIES_A_SECOND,
        ),
        Figure(
            what="prove that an event is in the log",
            value=typical(times) * 1000,
            unit="ms",
            aim=PROOF_MILLISECONDS,
            more_is_better=False,
        ),
    ]
