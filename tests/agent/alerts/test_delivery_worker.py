"""Rounds of delivery by script and fake clock: nobody waits, nothing is sent."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from agent.alerts.alert import AlertKind, Severity
from agent.alerts.api import DeliveryOutcome, Record, Sent, Transport
from agent.alerts.delivery_worker import BATCH
from agent.alerts.outbox.queue import Outbox
from agent.alerts.outbox.repair import open_outbox
from agent.alerts.outbox.store import AlertStore
from agent.alerts.outbox_maintenance import Sender, loss_alert
from tests.agent.alerts.fakes import Clock, OneThread, Scripted, make_alert

WALL_NS = 1_767_225_600_000_000_000


class Desk:
    """A courier with everything around it."""

    def __init__(self, *transports: Transport, path: Path | None = None, most_bytes: int = 1_000_000) -> None:
        names = [transport.name for transport in transports]
        self.clock = Clock()
        self.wall_ns = WALL_NS
        self.outbox = open_outbox(path, most_bytes, names)[0]
        self.spare = open_outbox(None, most_bytes, names)[0]
        sender = Sender("alice", "laptop-17", self.clock, lambda: self.wall_ns)
        store = AlertStore(lambda: (self.outbox, ()), self.spare)
        self.courier = OneThread(store, transports, sender, 3)

    def put(self, count: int = 1) -> list[str]:
        alerts = [make_alert() for _ in range(count)]
        for alert in alerts:
            self.outbox.put(alert)
        return [alert.record_id for alert in alerts]

    def run(self, seconds: float = 1e9) -> None:
        """Let the clock jump from round to round until nothing waits or the time is over."""
        end_ns = self.clock() + round(seconds * 1e9)
        for _ in range(10_000):
            wait_s = self.courier.step()
            if wait_s is None or self.clock() + wait_s * 1e9 > end_ns:
                return
            self.clock.forward(wait_s)
        raise AssertionError("the courier spins")


def test_without_alerts_it_does_nothing_and_asks_for_no_wake_up() -> None:
    there = Scripted("there")
    assert Desk(there).courier.step() is None
    assert there.calls == 0


def test_every_destination_gets_everything_in_order() -> None:
    one, two = Scripted("one"), Scripted("two")
    desk = Desk(one, two)
    sent = desk.put(2 * BATCH + 5)
    desk.run()
    assert one.taken == two.taken == sent
    assert one.calls == 3
    assert desk.outbox.depth() == 0


def test_one_destination_down_does_not_hold_up_the_other() -> None:
    good, bad = Scripted("good"), Scripted("bad", [DeliveryOutcome.RETRY] * 50)
    desk = Desk(bad, good)
    first = desk.put(3)
    desk.courier.step()
    assert good.taken == first
    assert desk.courier.problems() == ("bad: scripted",)
    more = desk.put(1)
    desk.run()
    assert good.taken == bad.taken == first + more
    assert desk.courier.problems() == ()


def test_a_failure_is_not_tried_again_before_its_time() -> None:
    bad = Scripted("bad", [DeliveryOutcome.RETRY])
    desk = Desk(bad)
    desk.put()
    wait_s = desk.courier.step()
    assert wait_s is not None
    assert 0.5 <= wait_s <= 5.0
    desk.put()
    desk.clock.forward(wait_s - 0.001)
    assert desk.courier.step() == pytest.approx(0.001)
    assert bad.calls == 1
    desk.clock.forward(0.001)
    desk.courier.step()
    assert len(bad.taken) == 2


def test_alerts_are_never_given_up() -> None:
    bad = Scripted(
        "bad", [DeliveryOutcome.RETRY, DeliveryOutcome.BACK_OFF, DeliveryOutcome.AUTH_FAILED] * 200
    )
    desk = Desk(bad)
    sent = desk.put(2)
    desk.run()
    assert bad.taken == sent
    assert bad.calls == 601


def test_part_of_a_batch_is_not_sent_again() -> None:
    there = Scripted("there", [Sent(2, DeliveryOutcome.RETRY, "fell over")])
    desk = Desk(there)
    sent = desk.put(5)
    desk.run()
    assert there.taken == sent


def test_the_receivers_wish_is_respected() -> None:
    there = Scripted("there", [Sent(0, DeliveryOutcome.BACK_OFF, "busy", retry_after_s=900.0)])
    desk = Desk(there)
    desk.put()
    wait_s = desk.courier.step()
    assert wait_s is not None
    assert 900.0 <= wait_s <= 990.0


@pytest.mark.parametrize("outcome", [DeliveryOutcome.PERMANENT, DeliveryOutcome.TOO_LARGE])
def test_a_refused_record_is_skipped_there_only_and_the_loss_is_said(outcome: DeliveryOutcome) -> None:
    picky, easy = Scripted("picky", [Sent(1, outcome, "no")]), Scripted("easy")
    desk = Desk(picky, easy)
    sent = desk.put(3)
    desk.run()
    loss = easy.taken[-1]
    assert easy.taken == [*sent, loss]
    assert picky.taken == [sent[0], sent[2], loss]
    assert desk.outbox.depth() == 0


def test_one_that_refuses_everything_ends_the_talk_about_it() -> None:
    class Never(Scripted):
        def send(self, records: object) -> Sent:
            self.calls += 1
            return Sent(0, DeliveryOutcome.PERMANENT, "never")

    never, easy = Never("never"), Scripted("easy")
    desk = Desk(never, easy)
    sent = desk.put(4)
    desk.run()
    assert easy.taken[:4] == sent
    assert 5 <= len(easy.taken) <= 8, "four alerts and announcements that do not announce each other"
    assert desk.courier.step() is None


def test_a_destination_that_takes_nothing_without_a_reason_does_not_make_it_spin() -> None:
    lazy = Scripted("lazy", [Sent(0, DeliveryOutcome.OK)])
    desk = Desk(lazy)
    desk.put()
    assert (desk.courier.step() or 0.0) > 0.0
    assert "did not say why" in desk.courier.problems()[0]


def test_drops_for_lack_of_room_are_announced_with_their_number() -> None:
    class Keeping(Scripted):
        def send(self, records: Sequence[Record]) -> Sent:
            sent = super().send(records)
            self.alerts = [
                *getattr(self, "alerts", []),
                *(record.alert for record in records[: sent.accepted]),
            ]
            return sent

    there = Keeping("there", [DeliveryOutcome.RETRY])
    desk = Desk(there, most_bytes=5000)
    desk.put()
    desk.courier.step()
    desk.put(30)
    desk.run()
    losses = [alert for alert in there.alerts if alert.kind is AlertKind.LOSS]
    others = len(there.alerts) - len(losses)
    assert sum(alert.detail["dropped"] for alert in losses) == 31 - others
    assert losses[0].severity is Severity.HIGH
    assert "the outbox was full" in losses[0].reasons[0]
    assert (losses[0].user, losses[0].host, losses[0].time_unix_ns) == ("alice", "laptop-17", WALL_NS)


def test_a_loss_of_unknown_size_does_not_claim_a_number() -> None:
    sender = Sender("alice", "laptop-17", Clock(), lambda: WALL_NS)
    assert loss_alert({"damage": 0}, sender).message.startswith("An unknown number")
    assert loss_alert({"damage": 0, "full": 3}, sender).message.startswith("At least 3")
    assert loss_alert({"full": 3}, sender).message.startswith("3 ")


def test_the_back_off_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    first = Desk(Scripted("there", [DeliveryOutcome.RETRY] * 9), path=path)
    first.put()
    first.run(seconds=100)
    left_s = first.courier.step()
    assert left_s is not None
    first.outbox.close()

    again = Desk(there := Scripted("there"), path=path)
    again.wall_ns = WALL_NS  # the wall clock stood still: the whole wait is left
    wait_s = again.courier.step()
    assert wait_s is not None
    assert wait_s > 0.0
    assert there.calls == 0
    again.run()
    assert len(there.taken) == 1


@pytest.mark.parametrize("error_ns", [-(10**18), 10**18])
def test_a_wall_clock_that_was_set_cannot_silence_it(tmp_path: Path, error_ns: int) -> None:
    path = tmp_path / "outbox.db"
    first = Desk(Scripted("there", [DeliveryOutcome.RETRY]), path=path)
    first.put()
    first.courier.step()
    first.outbox.defer("there", 3, WALL_NS + error_ns)
    first.outbox.close()
    again = Desk(Scripted("there"), path=path)
    assert (again.courier.step() or 0.0) <= 3600.0


class Sick(Outbox):
    """An outbox whose disk fails while `ill`."""

    ill = False

    def _check(self) -> None:
        if self.ill:
            raise OSError(errno.ENOSPC, "disk is full")

    def put(self, *args: object, **more: object) -> None:
        self._check()
        super().put(*args, **more)  # type: ignore[arg-type]

    def ack(self, *args: object, **more: object) -> None:
        self._check()
        super().ack(*args, **more)  # type: ignore[arg-type]

    def defer(self, *args: object) -> None:
        self._check()
        super().defer(*args)  # type: ignore[arg-type]


@pytest.fixture
def sick(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Sick]]:
    monkeypatch.setattr("agent.alerts.outbox.repair.Outbox", Sick)
    yield Sick
    Sick.ill = False


def test_what_the_disk_did_not_take_goes_out_from_memory(sick: type[Sick]) -> None:
    there = Scripted("there")
    desk = Desk(there)
    desk.spare.put(make_alert(record_id="kept"))
    sick.ill = True
    assert isinstance(desk.outbox, Sick)
    # The spare one is sound: only the disk is full.
    desk.spare.ill = False  # type: ignore[attr-defined]
    wait_s = desk.courier.step()
    assert there.taken == ["kept"]
    assert wait_s is None
    assert any("disk is full" in line for line in desk.courier.problems())


def test_it_goes_to_disk_as_soon_as_that_works_again(sick: type[Sick]) -> None:
    there = Scripted("there", [DeliveryOutcome.RETRY] * 40)
    desk = Desk(there)
    desk.spare.put(make_alert(record_id="kept"))
    desk.spare.ill = False  # type: ignore[attr-defined]
    sick.ill = True
    desk.run(seconds=60)
    assert (desk.outbox.depth(), desk.spare.depth()) == (0, 1)
    sick.ill = False
    desk.run(seconds=400)
    assert (desk.outbox.depth(), desk.spare.depth()) == (1, 0)


def test_an_acknowledgement_that_cannot_be_kept_backs_off_and_repeats(sick: type[Sick]) -> None:
    there = Scripted("there")
    desk = Desk(there)
    (only,) = desk.put()
    sick.ill = True
    desk.run(seconds=100)
    assert set(there.taken) == {only}
    assert 2 <= len(there.taken) <= 30, "again and again, but not in a spin"
    assert "could not be kept" in desk.courier.problems()[0]
    sick.ill = False
    desk.run()
    assert desk.outbox.depth() == 0


def test_after_progress_a_failure_is_the_first_in_a_row() -> None:
    """A receiver that takes a few records and then is busy, again and again, is not waited for ever longer."""
    busy = [Sent(3, DeliveryOutcome.RETRY, "busy") for _ in range(12)]
    there = Scripted("there", busy)
    desk = Desk(there)
    alerts = desk.put(40)
    waits_s = []
    while there.script:
        wait_s = desk.courier.step()
        assert wait_s is not None
        waits_s.append(wait_s)
        desk.clock.forward(wait_s)
    assert max(waits_s) <= 5.0
    desk.run()
    assert there.taken == alerts


def test_the_announcement_of_a_loss_links_to_its_playbook() -> None:
    sender = Sender("alice", "laptop-17", Clock(), lambda: WALL_NS, "https://wiki.example")
    assert loss_alert({"the disk": 2}, sender).detail["playbook"] == "https://wiki.example/tamper.md"
