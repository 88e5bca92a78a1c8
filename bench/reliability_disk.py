"""A disk that is full, or read-only, and a wall clock that is set: no alert may be lost to them."""

from __future__ import annotations

import contextlib
import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.alerts.api import DeliveryOutcome
from agent.alerts.delivery import LocalDelivery
from agent.alerts.destinations import open_delivery
from agent.alerts.outbox.repair import open_outbox
from agent.alerts.outbox.store import AlertStore
from agent.alerts.outbox_maintenance import Sender
from agent.alerts.settings import alert_settings
from agent.engine.errors import SteadyhandError
from bench.reliability_arrival import Arrival, arrival, made_alert, wait_until
from bench.reliability_kills import id_of
from tests.agent.alerts.fakes import Clock, OneThread, Scripted
from tests.agent.alerts.transports.http_stub import serving

_NS = 1_000_000_000
_YEAR_S = 365.0 * 86_400


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 4 MB.

    Raises
    ------
    SteadyhandError
        Without the right to mount one.
    """
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", str(disk)]
    process = subprocess.run(mount, capture_output=True, text=True, check=False)
    if process.returncode:
        raise SteadyhandError(f"no file system of one's own ({process.stderr.strip()})", "run it as root")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@contextmanager
def _full(disk: Path) -> Iterator[None]:
    filler = disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1024))
    yield
    filler.unlink()


@contextmanager
def _read_only(disk: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    yield
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


_TROUBLES = {"full": _full, "read-only": _read_only}


def troubled_disk(trouble: str, folder: Path, count: int, *, from_the_start: bool) -> Arrival:
    """Raise alerts before, while and after the disk takes nothing; they go to a collector all the time.

    Parameters
    ----------
    trouble : str
        ``full`` or ``read-only``.
    folder : Path
    count : int
        AlertSettings of each of the three times.
    from_the_start : bool
        Whether the process starts while the disk takes nothing; then there is no time before.
    """
    began_s = time.monotonic()
    sent: list[str] = []
    with small_disk(folder) as disk, serving() as stub:

        def opened() -> LocalDelivery:
            places = (disk / "outbox.db", disk / "alerts.jsonl")
            return open_delivery(alert_settings(otlp_url=stub.url()), *places, "trial", "trial", "0")

        delivery = None if from_the_start else opened()
        if delivery:
            _raise(delivery, count, sent)
            healthy = delivery
            wait_until(lambda: healthy.depth() == 0, 30.0, "delivery before the trouble")
        with _TROUBLES[trouble](disk):
            delivery = delivery or opened()
            refused = _raise(delivery, count, sent)
            wait_until(lambda: len(stub.requests) >= len(sent), 30.0, "delivery from memory")
        wait_until(lambda: _is_well(delivery), 120.0, "the way back to disk")
        _raise(delivery, count, sent)
        wait_until(lambda: delivery.depth() == 0, 60.0, "delivery after the trouble")
        delivery.close(5.0)
        arrived = [id_of(request.json()) for request in stub.requests]
    when = "from the start" if from_the_start else "in the middle"
    return arrival(f"disk {trouble} {when}", sent, arrived, refused, began_s)


def _is_well(delivery: LocalDelivery) -> bool:
    return not delivery.problems() and delivery.depth() == 0


def _raise(delivery: LocalDelivery, count: int, sent: list[str]) -> int:
    """Submit; how many the caller was told are not on disk."""
    refused = 0
    for number in range(count):
        alert = made_alert(number)
        sent.append(alert.record_id)
        try:
            delivery.submit(alert)
        except OSError:
            refused += 1
    return refused


def stepped_clock(folder: Path, count: int) -> Arrival:
    """Set the wall clock by up to a year, at random, while a destination fails half the time; restart often.

    Raises
    ------
    SteadyhandError
        If it ever waits longer than the hour that a receiver may ask for, and its jitter.
    """
    began_s = time.monotonic()
    rng = random.Random(3)
    clock, path = Clock(), folder / "outbox.db"
    there = Scripted("there")
    wall_ns = [time.time_ns()]
    sent: list[str] = []
    steps = 0
    while len(sent) < count:
        outbox, _ = open_outbox(path, 100_000_000, ["there"])
        spare, _ = open_outbox(None, 1_000_000, ["there"])
        alert = made_alert(len(sent))
        outbox.put(alert)
        sent.append(alert.record_id)
        there.script = [DeliveryOutcome.RETRY] * rng.randrange(0, 4)
        sender = Sender("trial", "trial", clock, lambda: wall_ns[0])
        everybody = OneThread(AlertStore(lambda: (outbox, ()), spare), [there], sender, len(sent))  # noqa: B023
        for _ in range(rng.randrange(1, 8)):
            wait_s = everybody.step()
            if wait_s is None:
                break
            if wait_s > 1.1 * 3600:
                raise SteadyhandError(
                    f"it would wait {wait_s:.0f} s", "see DeliveryWorker.left_by_an_earlier_run"
                )
            clock.forward(wait_s)
            wall_ns[0] += round(rng.uniform(-_YEAR_S, _YEAR_S) * _NS)
            steps += 1
        outbox.close()
    outbox, _ = open_outbox(path, 100_000_000, ["there"])
    spare, _ = open_outbox(None, 1_000_000, ["there"])
    there.script = []
    sender = Sender("trial", "trial", clock, lambda: wall_ns[0])
    everybody = OneThread(AlertStore(lambda: (outbox, ()), spare), [there], sender, 0)
    while (wait_s := everybody.step()) is not None:
        clock.forward(wait_s)
    outbox.close()
    return arrival("wall clock set by up to a year", sent, there.taken, steps, began_s)
