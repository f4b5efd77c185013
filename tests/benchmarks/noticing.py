"""What is measured of notices: told, gathered into digests, delivered."""

from __future__ import annotations

from adapters.messages import translator
from adapters.outbox import deliver
from engine.ports import Notice, NoticeItem
from tests.benchmarks import stages
from tests.benchmarks.figures import Figure, seconds
from tests.benchmarks.sites import Site
from workflows.running.desk import Application

RECIPIENTS = 1000


class Drop:
    """A channel that takes no time."""

    sent = 0

    def send(self, _notice: Notice, _message: object, _body: str = "") -> None:
        """Count it."""
        self.sent += 1


def notices(site: Site, count: int) -> list[Figure]:
    """Tell many people one thing each, gather the items and deliver them."""
    recipients = min(RECIPIENTS, count)
    with (
        site.a_floor() as floor,
        site.copied("opened") as database,
        stages.application(database, stages.DRAFTED) as app,
    ):
        floor.fill(recipients)
        everyone = range(1, recipients + 1)
        base = seconds(lambda: floor.move_each(everyone, "draft", "drafted"))
        told = seconds(lambda: _tell(app, recipients))
        drop = Drop()
        delivered = seconds(lambda: _deliver(app, drop))
        assert drop.sent == recipients
    return [
        Figure(what="notice items told", value=recipients / told, unit="items/s"),
        Figure(
            what="notices gathered, delivered, each settled",
            value=recipients / delivered,
            unit="notices/s",
            floor=recipients / base,
        ),
    ]


def _tell(app: Application, recipients: int) -> None:
    with app.store.unit_of_work(app.clock.now()) as unit:
        cause = unit.history(stages.KEY)[0]
        unit.tell(
            NoticeItem(event=cause.position, recipient=f"p.{n}", about=("planning",))
            for n in range(recipients)
        )


def _deliver(app: Application, drop: Drop) -> None:
    words = translator("zh")
    while deliver(app, {"log": drop}, words):
        pass
