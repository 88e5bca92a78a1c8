"""The agent's end of the mouse service, against the service itself over pipes."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from agent.engine.events import Boundary, Button, Cause, EventBatch, EventKind
from agent.host.api import CannotSee, LockReport, LockResult
from agent.host.linux.listener_protocol import Wish
from agent.host.linux.locked_screen import FollowedLock, FollowedSession, LockedScreen
from agent.host.linux.mouse_service_pointer import MouseServicePointer, service_is_there
from agent.host.linux.sysfs import KernelDevice
from agent.host.listener_program import ListenerProgram, ProgramKind
from agent.host.ring import Ring
from agent.mouse_service.tally import Deviation
from tests.agent.mouse_service.mouse_bench import EVENT, ME, SYN, Bench, moved

LOCKED, UNLOCKED = Boundary(0, Cause.SCREEN_LOCKED), Boundary(0, Cause.SCREEN_UNLOCKED)


class Running:
    """The service in a thread, and a pointer on it."""

    def __init__(self, root: Path) -> None:
        self.bench = Bench(root)
        self.bench.plug(3)
        self.bench.session("2")
        self.bench.show("2")
        self.bench.begin()
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        self.is_locked: bool | None = False
        self.screen = LockedScreen(lambda: self.is_locked)
        self.ring = Ring()

    def serve(self) -> None:
        while not self.ends.is_set():
            self.bench.server.turn(0.01)

    def pointer(self, *, virtual: bool = False, wish: Wish = Wish.MOVEMENT) -> MouseServicePointer:
        bus = "virtual" if virtual else "usb"
        return MouseServicePointer(
            self.screen, self.bench.socket, lambda _: KernelDevice(bus=bus), frozenset([ME]), wish
        )

    def move(self, raw: bytes) -> None:
        os.write(self.bench.pipes[3], raw)

    def drained(self, least: int) -> list[EventBatch | Boundary]:
        eventually(lambda: len(self.ring) >= least)
        return self.ring.drain()

    def close(self) -> None:
        self.ends.set()
        self.thread.join()
        self.bench.close()


def eventually(ready: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 5.0
    while not ready():
        assert time.monotonic() < end_s
        time.sleep(0.005)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    made = Running(tmp_path)
    yield made
    made.close()


def test_movement_arrives_as_from_the_kernel_itself(running: Running) -> None:
    pointer = running.pointer()
    pointer.start(running.ring)
    assert pointer.is_alive()
    press = EVENT.pack(10, 8000, 1, 0x110, 1) + EVENT.pack(10, 8000, SYN, 0, 0)
    running.move(moved(3, -2, at_s=10.0) + press + moved(4, at_s=10.016))
    (batch,) = running.drained(3)
    pointer.stop()
    assert isinstance(batch, EventBatch)
    assert [EventKind(kind).name for kind in batch.kind] == ["MOVE", "PRESS", "DRAG"]
    assert batch.button[1] == Button.LEFT
    np.testing.assert_array_equal(batch.x, [3, 3, 7])
    np.testing.assert_array_equal(batch.t_ns, [10_000_000_000, 10_008_000_000, 10_016_000_000])
    assert set(batch.source) == {3}
    assert not batch.synthetic.any()
    assert not pointer.is_alive()


def test_what_a_program_made_moves_synthetically(running: Running) -> None:
    pointer = running.pointer(virtual=True)
    pointer.start(running.ring)
    running.move(moved(3))
    (batch,) = running.drained(1)
    pointer.stop()
    assert isinstance(batch, EventBatch)
    assert batch.synthetic.all()


def test_lost_reports_are_a_boundary(running: Running) -> None:
    pointer = running.pointer()
    pointer.start(running.ring)
    running.move(EVENT.pack(1, 0, SYN, 3, 0) + moved(1) + moved(2))
    items = running.drained(2)
    pointer.stop()
    assert isinstance(items[0], Boundary)
    assert items[0].cause is Cause.OVERFLOW


def test_without_a_mouse_it_cannot_see_and_the_last_one_gone_is_no_capture(running: Running) -> None:
    pointer = running.pointer()
    pointer.start(running.ring)
    running.bench.unplug(3)
    eventually(lambda: not pointer.is_alive())
    pointer.stop()
    with pytest.raises(CannotSee, match="no mouse is plugged in"):
        running.pointer().start(Ring())


def test_a_refusal_is_said_as_it_is(running: Running) -> None:
    running.bench.program = ListenerProgram(ProgramKind.FOREIGN, "/usr/bin/python3")
    with pytest.raises(CannotSee, match="refuses to serve this program: only the agent may listen"):
        running.pointer().start(Ring())


def test_a_service_that_is_not_there_or_somebody_elses_is_none(running: Running, tmp_path: Path) -> None:
    assert service_is_there(running.bench.socket)
    assert not service_is_there(tmp_path / "nowhere")
    with pytest.raises(CannotSee, match="systemctl restart steadyhand-mouse"):
        MouseServicePointer(running.screen, tmp_path / "nowhere").start(Ring())
    with pytest.raises(CannotSee, match="neither root nor the mouse service"):
        MouseServicePointer(running.screen, running.bench.socket, believed=frozenset([ME + 1])).start(Ring())


def test_a_service_that_says_nothing_is_waited_for_two_seconds(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as mute:
        mute.bind(str(tmp_path / "mute"))
        mute.listen()
        began_s = time.monotonic()
        with pytest.raises(CannotSee, match="did not begin"):
            MouseServicePointer(
                LockedScreen(lambda: None), tmp_path / "mute", believed=frozenset([ME])
            ).start(Ring())
        assert 1.5 < time.monotonic() - began_s < 4.0


def test_a_service_that_ends_or_speaks_nonsense_is_no_capture(running: Running) -> None:
    pointer = running.pointer()
    pointer.start(running.ring)
    running.close()
    eventually(lambda: not pointer.is_alive())
    pointer.stop()
    running.bench.close = lambda: None  # type: ignore[method-assign]


def test_only_looking_gives_no_events(running: Running) -> None:
    looking = running.pointer(wish=Wish.DEVICES)
    looking.start(running.ring)
    looking.stop()
    assert running.bench.noticed.breaches == []


def test_the_service_hears_of_a_lock_and_its_end(running: Running) -> None:
    pointer = running.pointer()
    pointer.start(running.ring)
    running.screen.follow(LOCKED)
    running.is_locked = True
    time.sleep(0.1)
    running.move(moved(4))
    (pulse,) = running.drained(1)
    assert isinstance(pulse, EventBatch)
    assert (pulse.x.tolist(), pulse.kind.tolist()) == ([0.0], [EventKind.MOVE])
    running.screen.follow(UNLOCKED)
    time.sleep(0.1)
    running.move(moved(5))
    (batch,) = running.drained(1)
    pointer.stop()
    assert isinstance(batch, EventBatch)
    assert batch.x.tolist() == [5.0]


@pytest.mark.parametrize("seen", [False, None])
def test_a_lock_whose_end_nobody_told_ends_with_the_first_movement(
    running: Running, seen: bool | None
) -> None:
    pointer = running.pointer()
    pointer.start(running.ring)
    running.screen.follow(LOCKED)
    running.is_locked = seen
    time.sleep(0.1)
    running.move(moved(4))
    running.drained(1)
    time.sleep(0.1)
    running.move(moved(5))
    (batch,) = running.drained(1)
    pointer.stop()
    assert isinstance(batch, EventBatch)
    assert batch.x.tolist() == [5.0]


def test_what_the_worker_took_is_told_and_what_waits_is_not(running: Running) -> None:
    pointer = running.pointer()
    pointer.start(running.ring)
    running.move(moved(1) * 5)
    running.drained(5)
    running.bench.now_ns += 1_000_000_000
    running.move(moved(1))
    running.drained(1)
    eventually(lambda: pointer._judged.judged > 0)
    pointer.stop()
    assert running.bench.noticed.deviations == []


def test_an_agent_whose_worker_stands_still_is_reported(running: Running) -> None:
    pointer = running.pointer()
    pointer.start(running.ring)
    for _ in range(62):
        running.bench.now_ns += 1_000_000_000
        before = len(running.ring)
        running.move(moved(1))
        eventually(lambda before=before: len(running.ring) > before)
    pointer.stop()
    assert running.bench.noticed.deviations == [Deviation.DRAINS]


def test_a_followed_session_tells_both() -> None:
    class Session:
        def start(self, on_boundary: Callable[[Boundary], None], on_deaf: object, on_unseen: object) -> None:
            on_boundary(LOCKED)

        def is_locked(self) -> bool | None:
            return True

        def stop(self) -> None:
            raise AssertionError

    screen, heard = LockedScreen(lambda: True), list[Boundary]()
    followed = FollowedSession(Session(), screen)
    followed.start(heard.append, print, print)
    assert heard == [LOCKED]
    assert screen.is_locked
    assert followed.is_locked()


@pytest.mark.parametrize(("result", "is_locked"), [(LockResult.LOCKED, True), (LockResult.FAILED, False)])
def test_the_screen_follows_the_agents_own_lock_when_it_was_seen(result: LockResult, is_locked: bool) -> None:
    """swaylock tells no session that it locked."""

    class Lock:
        def lock(self) -> LockReport:
            return LockReport(result, "swaylock", 1, ("swaylock",))

        def is_locked(self) -> bool | None:
            return None

        def names(self) -> Sequence[str]:
            return ("swaylock",)

    screen, changes = LockedScreen(lambda: True), list[bool]()
    screen.listen(lambda: changes.append(screen.is_locked))
    lock = FollowedLock(Lock(), screen)
    assert lock.lock().result is result
    assert screen.is_locked is is_locked
    assert changes == [True] * is_locked
    assert lock.is_locked() is None
    assert lock.names() == ("swaylock",)
