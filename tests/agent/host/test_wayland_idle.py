"""Notices of idleness: what a compositor tells, on a scripted one, and what is made of it."""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.host.linux.bus import BusError
from agent.host.linux.idle import LinuxIdle
from agent.host.linux.wayland_idle import WaylandIdle
from tests.agent.host.wayland_compositor import Compositor, announced, event, text

pytestmark = [pytest.mark.timeout(60), pytest.mark.skipif(os.name == "nt", reason="Linux")]

MS = 1_000_000
NOTIFIER_V2, NOTIFIER_V1, KDE = (
    ("ext_idle_notifier_v1", 2),
    ("ext_idle_notifier_v1", 1),
    ("org_kde_kwin_idle", 1),
)


@pytest.fixture
def compositor(tmp_path: Path) -> Iterator[Compositor]:
    made = Compositor(tmp_path / "wayland-0")
    yield made
    made.close()


class Clock:
    """Monotonic nanoseconds that a test moves."""

    def __init__(self) -> None:
        self.now_ns = 1_000_000_000

    def __call__(self) -> int:
        return self.now_ns

    def go(self, ms: int) -> None:
        self.now_ns += ms * MS


def soon(happened: Callable[[], Any], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@contextmanager
def followed(
    compositor: Compositor, tmp_path: Path, *offer: Any, seats: int = 1
) -> Iterator[tuple[Any, Clock, Any]]:
    """An idle that follows the compositor, its clock, and the requests that it made."""
    clock = Clock()
    idle = WaylandIdle(tmp_path / "wayland-0", clock, answer_s=5.0)
    assert idle.idle_ms() is None
    asked = compositor.offer(*offer, seats=seats)
    assert idle.problem() == ""
    yield idle, clock, asked
    compositor.close()


@pytest.mark.parametrize(
    ("offer", "bound", "question"),
    [
        ([NOTIFIER_V2], ("ext_idle_notifier_v1", 2), (2, struct.pack("=III", 6, 5000, 5))),
        ([NOTIFIER_V1], ("ext_idle_notifier_v1", 1), (1, struct.pack("=III", 6, 5000, 5))),
        ([KDE], ("org_kde_kwin_idle", 1), (0, struct.pack("=III", 6, 5, 5000))),
        ([KDE, NOTIFIER_V1], ("ext_idle_notifier_v1", 1), (1, struct.pack("=III", 6, 5000, 5))),
        ([("ext_idle_notifier_v1", 7)], ("ext_idle_notifier_v1", 2), (2, struct.pack("=III", 6, 5000, 5))),
    ],
    ids=["ext 2", "ext 1", "kde", "ext before kde", "later than known"],
)
def test_the_seat_and_the_notifier_are_bound_and_asked(
    offer: list[tuple[str, int]],
    bound: tuple[str, int],
    question: tuple[int, bytes],
    compositor: Compositor,
    tmp_path: Path,
) -> None:
    with followed(compositor, tmp_path, *offer) as (_, _, asked):
        name = struct.pack("=I", 20 + [interface for interface, _ in offer].index(bound[0]))
        assert asked[0] == (2, 0, name + text(bound[0]) + struct.pack("=II", bound[1], 4))
        assert asked[1] == (2, 0, struct.pack("=I", 10) + text("wl_seat") + struct.pack("=II", 1, 5))
        assert asked[2] == (4, *question)


def test_what_the_compositor_tells_is_when_input_last_came(compositor: Compositor, tmp_path: Path) -> None:
    with followed(compositor, tmp_path, NOTIFIER_V2) as (idle, clock, _):
        clock.go(5000)
        compositor.say(6, 0)
        assert soon(lambda: not idle._seats[6]._active)
        assert idle.idle_ms() is None, "no input came yet, and when the last one came nobody has told"
        clock.go(70_000)
        compositor.say(6, 1)
        assert soon(lambda: idle.idle_ms() == 0)
        clock.go(1200)
        assert idle.idle_ms() == 1200
        clock.go(60_000)
        assert idle.idle_ms() == 5000, "within the last five seconds, or it would have been told"
        compositor.say(6, 0)
        assert soon(lambda: not idle._seats[6]._active)
        assert idle.idle_ms() == 5000
        clock.go(9000)
        assert idle.idle_ms() == 14_000


def test_the_last_input_of_any_seat_counts(compositor: Compositor, tmp_path: Path) -> None:
    with followed(compositor, tmp_path, NOTIFIER_V2, seats=2) as (idle, clock, asked):
        assert [opcode for target, opcode, _ in asked if target == 4] == [2, 2]
        compositor.say(6, 1)
        assert soon(lambda: idle.idle_ms() == 0)
        clock.go(3000)
        compositor.say(8, 1)
        assert soon(lambda: idle.idle_ms() == 0)


def test_no_more_than_eight_seats_are_followed(compositor: Compositor, tmp_path: Path) -> None:
    idle = WaylandIdle(tmp_path / "wayland-0", answer_s=5.0)
    assert idle.idle_ms() is None
    compositor.accept()
    seats = b"".join(announced(10 + n, "wl_seat", 1) for n in range(30))
    compositor.connection.sendall(seats + announced(9, *KDE) + event(3, 0, bytes(4)))
    compositor.requests(2 + 1 + 16)
    compositor.connection.settimeout(0.2)
    with pytest.raises(TimeoutError):
        compositor.connection.recv(1)


def problem_of(compositor: Compositor, tmp_path: Path, says: bytes, answer_s: float = 5.0) -> str:
    """What is wrong with a compositor that answers the beginning in that way and then keeps the connection."""
    idle = WaylandIdle(tmp_path / "wayland-0", answer_s=answer_s)
    idle.idle_ms()
    compositor.accept()
    compositor.requests(2)
    # It may have seen enough before the end.
    with suppress(BrokenPipeError, ConnectionResetError):
        compositor.connection.sendall(says)
    return str(idle.problem())


@pytest.mark.parametrize(
    ("says", "problem"),
    [
        (event(3, 0, bytes(4)), "the compositor tells nobody when input last came (no ext-idle-notify-v1)"),
        (
            announced(1, *NOTIFIER_V2) + event(3, 0, bytes(4)),
            "the compositor tells nobody when input last came (no ext-idle-notify-v1)",  # no seat
        ),
        (
            event(1, 0, struct.pack("=II", 2, 0) + text("go away")),
            "the compositor refused the question when input last came ('go away')",
        ),
        (event(1, 0), "what the compositor sends is not Wayland's protocol (a message that ends too early)"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "what the compositor sends is not Wayland's protocol"),
        (
            struct.pack("=II", 2, 0),
            "what the compositor sends is not Wayland's protocol (a message of 0 bytes)",
        ),
        (
            struct.pack("=II", 2, 65532 << 16),
            "what the compositor sends is not Wayland's protocol (a message of 65532 bytes)",
        ),
        (
            event(2, 0, struct.pack("=II", 1, 4000) + b"abcd"),
            "what the compositor sends is not Wayland's protocol (a text that does not end)",
        ),
        (
            announced(1, "x" * 3000, 1) * 100,
            "what the compositor sends is not Wayland's protocol (announcements without an end)",
        ),
    ],
    ids=[
        "nothing",
        "no seat",
        "refused",
        "cut error",
        "http",
        "short",
        "long",
        "endless text",
        "endless list",
    ],
)
def test_a_compositor_that_tells_nothing_is_one_true_sentence(
    says: bytes, problem: str, compositor: Compositor, tmp_path: Path
) -> None:
    assert problem_of(compositor, tmp_path, says).startswith(problem)


@pytest.mark.parametrize("says", [b"", announced(1, *NOTIFIER_V2), struct.pack("=II", 2, 64 << 16)])
def test_a_silent_compositor_is_waited_for_so_long_and_no_longer(
    says: bytes, compositor: Compositor, tmp_path: Path
) -> None:
    began = time.monotonic()
    problem = problem_of(compositor, tmp_path, says, answer_s=0.3)
    assert problem == "the compositor does not answer: it hangs, or is stopped"
    assert time.monotonic() - began < 2.0


def test_a_compositor_that_dribbles_is_not_waited_for_longer(compositor: Compositor, tmp_path: Path) -> None:
    idle = WaylandIdle(tmp_path / "wayland-0", answer_s=0.5)
    idle.idle_ms()
    compositor.accept()
    ended = threading.Event()

    def dribble() -> None:
        while not ended.wait(0.02):
            try:
                compositor.connection.sendall(announced(1, "wl_output", 1))
            except OSError:
                return

    thread = threading.Thread(target=dribble, daemon=True)
    thread.start()
    began = time.monotonic()
    assert idle.problem() == "the compositor does not answer: it hangs, or is stopped"
    assert time.monotonic() - began < 2.0
    ended.set()
    thread.join(5.0)


def test_where_no_compositor_is_it_cannot_be_reached(tmp_path: Path) -> None:
    idle = WaylandIdle(tmp_path / "wayland-0")
    assert idle.problem() == "the compositor cannot be reached (No such file or directory)"
    assert idle.idle_ms() is None


def test_one_that_went_away_is_asked_again_after_a_minute(compositor: Compositor, tmp_path: Path) -> None:
    clock = Clock()
    idle = WaylandIdle(tmp_path / "wayland-0", clock, answer_s=5.0)
    idle.idle_ms()
    compositor.offer(NOTIFIER_V2)
    assert idle.problem() == ""
    compositor.say(6, 1)
    assert soon(lambda: idle.idle_ms() == 0)
    compositor.connection.close()
    assert soon(lambda: idle.idle_ms() is None)
    assert idle.problem() == "the compositor has closed the connection"
    clock.go(59_000)
    assert idle.idle_ms() is None
    assert compositor.connections == 1
    clock.go(1_000)
    assert idle.idle_ms() is None
    compositor.offer(NOTIFIER_V2)
    assert soon(lambda: idle.problem() == "")


def test_one_that_offers_nothing_is_not_asked_again(compositor: Compositor, tmp_path: Path) -> None:
    clock = Clock()
    idle = WaylandIdle(tmp_path / "wayland-0", clock, answer_s=5.0)
    idle.idle_ms()
    compositor.offer(seats=1)
    assert "tells nobody" in idle.problem()
    clock.go(600_000)
    assert "tells nobody" in idle.problem()
    assert compositor.connections == 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(garbage=st.binary(max_size=200), after_offer=st.booleans())
def test_no_garbage_does_more_than_end_the_notices(garbage: bytes, after_offer: bool, tmp_path: Path) -> None:
    (tmp_path / "wayland-0").unlink(missing_ok=True)
    compositor = Compositor(tmp_path / "wayland-0")
    idle = WaylandIdle(tmp_path / "wayland-0", answer_s=5.0)
    idle.idle_ms()
    if after_offer:
        compositor.offer(NOTIFIER_V2)
    else:
        compositor.accept()
        compositor.requests(2)
    # It may have seen enough before the end.
    with suppress(BrokenPipeError, ConnectionResetError):
        compositor.connection.sendall(garbage)
    compositor.close()
    thread = idle._thread
    assert thread is not None
    thread.join(5.0)
    assert not thread.is_alive()
    problem = idle.problem()
    assert problem != ""
    assert "\n" not in problem
    assert idle.idle_ms() is None


def test_a_wayland_session_is_told_by_its_compositor_and_else_by_mutter(
    compositor: Compositor, tmp_path: Path, bus: Any
) -> None:
    bus.answers["org.gnome.Mutter.IdleMonitor.GetIdletime"] = (1234,)
    # DISPLAY is an X server within the session, which counts its own windows' input alone.
    environ = {"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path), "DISPLAY": ":999"}
    idle = LinuxIdle(bus, environ)
    assert idle.idle_ms() == 1234
    compositor.offer(seats=1)
    assert idle.problem() == ""
    assert idle.idle_ms() == 1234


def test_a_wayland_session_in_which_nobody_tells_says_why(tmp_path: Path, bus: Any) -> None:
    bus.answers["org.gnome.Mutter.IdleMonitor.GetIdletime"] = BusError("not GNOME")
    idle = LinuxIdle(bus, {"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)})
    assert idle.problem() == "the compositor cannot be reached (No such file or directory)"
    assert idle.idle_ms() is None
