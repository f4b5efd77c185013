"""Many daemons seal while many people write: nothing twice, nothing left out, nobody waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.checkpoint_chain import Audit
from engine.clock import StandingClock
from engine.events import Kind
from tests.contract.signing import Pen, verifies
from tests.contract.stores import STORES
from tests.contract.test_log_audit import begin_key, signing
from tests.contract.test_sealing import application
from tests.contract.world import CYCLE, NOW, following, instance, open_cycle
from workflows.running.log_audit import audit_log
from workflows.running.sealing import seal
from workflows.running.tenures import establish

WRITERS, SEALERS, ACTS = 3, 3, 25


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
def test_many_seal_and_many_write(name: str, tmp_path: Path) -> None:
    pen = Pen()
    with STORES[name](tmp_path, StandingClock(NOW)) as store:
        app = application(store, StandingClock(NOW))
        with store.unit_of_work(NOW) as unit:
            open_cycle(unit)
        establish(app, "root")
        begin_key(store, pen)
        trouble: list[Exception] = []
        written = threading.Event()

        def write(writer: int) -> None:
            for act in range(ACTS):
                one = instance(f"{CYCLE}/W-{writer}-{act}")
                with store.unit_of_work(NOW) as unit:
                    unit.create([(one, following(one, sequence=1, kind=Kind.OPENED))])
                    unit.append(following(one, texts={"reason": f"{writer}/{act}"}))

        def keep_sealing(_number: int) -> None:
            while not written.is_set():
                seal(app, signing(pen))

        def trying(work: Callable[[int], None], number: int) -> threading.Thread:
            def run() -> None:
                try:
                    work(number)
                except Exception as error:  # noqa: BLE001 - shown below
                    trouble.append(error)

            thread = threading.Thread(target=run)
            thread.start()
            return thread

        sealers = [trying(keep_sealing, n) for n in range(SEALERS)]
        writers = [trying(write, n) for n in range(WRITERS)]
        for thread in writers:
            thread.join()
        written.set()
        for thread in sealers:
            thread.join()
        assert trouble == []
        seal(app, signing(pen), thorough=True)
        audit = Audit()
        with store.reading() as reader:
            assert list(audit_log(reader, verifies, audit=audit)) == []
            assert not reader.unsealed(10, thorough=True)
            assert audit.leaves == reader.log_size() >= 2 * WRITERS * ACTS
            assert audit.checkpoints == audit.signed > 1
