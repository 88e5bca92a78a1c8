"""Looking again and again: what changes between two looks."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from agent.engine.events import Boundary, Cause
from agent.engine.mouse import MouseConfiguration
from agent.host import polling
from agent.host.polling import PolledMice, PolledSession, SessionChanges
from agent.host.several_mice import moving

SECOND = 1_000_000_000


def test_locks_and_unlocks_are_told_once() -> None:
    changes = SessionChanges(0, False)
    told = [changes.look(n * SECOND, locked) for n, locked in enumerate((False, True, True, None, False), 1)]
    assert [[b.cause for b in boundaries] for boundaries in told] == [
        [],
        [Cause.SCREEN_LOCKED],
        [],
        [],
        [Cause.SCREEN_UNLOCKED],
    ]


def test_a_state_that_nobody_knew_is_no_change() -> None:
    assert SessionChanges(0, None).look(SECOND, True) == []


def test_a_look_that_comes_late_means_sleep() -> None:
    assert SessionChanges(0, False).look(20 * SECOND, False) == [Boundary(20 * SECOND, Cause.SLEEP, "ends")]


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "_SESSION_S", 0.001)
    monkeypatch.setattr(polling, "_MICE_S", 0.001)


@pytest.mark.usefixtures("quickly")
def test_a_session_is_watched_until_stopped(clock: Any) -> None:
    state, came, told = [False], threading.Event(), []

    def hear(boundary: Boundary) -> None:
        told.append(boundary.cause)
        came.set()

    session = PolledSession(lambda: state[0], clock)
    session.stop()
    session.start(hear, pytest.fail, pytest.fail)
    state[0] = True
    assert came.wait(2)
    session.stop()
    assert told == [Cause.SCREEN_LOCKED]
    assert session.is_locked() is True


@pytest.mark.usefixtures("quickly")
def test_a_mouse_that_changes_is_told() -> None:
    now, came = [(MouseConfiguration("a"),)], threading.Event()
    mice, told = PolledMice(lambda: now[0], MouseConfiguration("none")), []

    def hear(what: str) -> None:
        told.append(what)
        came.set()

    mice.watch(hear)
    assert mice.of(-1) == MouseConfiguration("a")
    now[0] = (MouseConfiguration("a", pointer_speed=2.0),)
    assert came.wait(2)
    came.clear()
    assert mice.current() == mice.of(-1) == now[0][0]
    now[0] = (*now[0], MouseConfiguration("a", name="Second"))
    assert came.wait(2)
    both = mice.of(-1)
    assert both is not None
    assert both.twin, "which of two moves, nobody says"
    assert both == mice.current()
    assert both.key not in {mouse.key for mouse in now[0]}
    came.clear()
    now[0] = ()
    assert came.wait(2)
    mice.close()
    assert told[:2] == ["pointer speed: 2, before 0", "Second was plugged in"]
    assert "Second was taken out" in told[2]
    assert mice.current() == MouseConfiguration("none")


def test_several_mice_are_a_configuration_of_their_own_or_the_first_as_policy_says() -> None:
    first = MouseConfiguration("a", vendor="046d", product="c077", cpi=800, pointer_speed=2.0)
    second = replace(first, product="c08b", cpi=1600)
    assert moving((), "unknown") is moving((), "main") is None
    assert moving((first,), "unknown") == first
    assert moving((first, second), "main") == first

    both = moving((first, second), "unknown")
    assert both is not None
    assert both.key not in {first.key, second.key}
    assert (both.name, both.pointer_speed, both.cpi) == ("one of 046d:c077, 046d:c08b", 2.0, 0)
    assert "cannot be told" in both.doubts[0]
    assert moving((second, first), "unknown") == both, "in whatever order they are listed"
    for other in ((first, replace(second, product="c0ff")), (replace(first, pointer_speed=3.0), second)):
        changed = moving(other, "unknown")
        assert changed is not None
        assert changed.key != both.key
