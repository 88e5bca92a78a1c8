"""What the keeper of Windows' sessions decides: starts with back-off, an owner's quit respected, policy's lock.

The rules are C without Windows: compiled by this computer's compiler.
"""

from __future__ import annotations

import ctypes
import itertools
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).parents[2] / "packaging" / "windows" / "keeper_rules.c"
START, LOCK = 1, 2
MINUTE = 60_000

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")


class Policy(ctypes.Structure):
    _fields_ = (
        ("locks", ctypes.c_int32),
        ("expects_everybody", ctypes.c_int32),
        ("after_ms", ctypes.c_int64),
    )


class Facts(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_int32)
        for name in ("has_user", "is_shown", "is_locked", "agent_runs", "quit_by_owner")
    )


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Any:
    library = tmp_path_factory.mktemp("rules") / "rules.so"
    subprocess.run(
        [
            "cc",
            "-std=c99",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-shared",
            "-fPIC",
            "-o",
            str(library),
            str(SOURCE),
        ],
        check=True,
        timeout=60,
    )
    loaded = ctypes.CDLL(str(library))
    loaded.keeper_decide.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
    return loaded


class Seat:
    """One session, looked at over and over; an agent that is started runs where the test says so."""

    def __init__(
        self, rules: Any, *, locks: bool = True, everybody: bool = False, after_s: int = 150
    ) -> None:
        self._rules = rules
        self._state = ctypes.create_string_buffer(128)
        self.policy = Policy(locks, everybody, after_s * 1000)
        self.now_ms = 1_000_000
        self.decisions: list[tuple[int, int]] = []

    def look(self, after_s: float = 1.0, **facts: bool) -> int:
        self.now_ms += round(after_s * 1000)
        seen = Facts(**{"has_user": True, "is_shown": True, **facts})
        decided: int = self._rules.keeper_decide(
            self._state, ctypes.byref(seen), ctypes.byref(self.policy), self.now_ms
        )
        return decided

    def watch(self, seconds: int, **facts: bool) -> list[tuple[int, int]]:
        """What is decided, second by second: those that are something, each with its second."""
        decided = ((second, self.look(1.0, **facts)) for second in range(1, seconds + 1))
        return [(second, decision) for second, decision in decided if decision]


def test_a_session_with_a_user_gets_an_agent_at_once_and_one_without_does_not(rules: Any) -> None:
    seat = Seat(rules)
    assert seat.look(has_user=False) == 0
    assert seat.look() == START
    assert seat.look(agent_runs=True) == 0


def test_an_agent_that_was_ended_by_force_is_back_within_a_second(rules: Any) -> None:
    seat = Seat(rules)
    seat.look()
    seat.watch(120, agent_runs=True)
    assert seat.look() == START


def test_one_that_ends_over_and_over_is_started_ever_more_rarely_but_for_ever(rules: Any) -> None:
    seat = Seat(rules, locks=False)
    seconds = [second for second, decision in seat.watch(400) if decision == START]
    gaps = [later - sooner for sooner, later in itertools.pairwise(seconds)]
    assert gaps[:6] == [1, 2, 4, 8, 16, 32]
    assert set(gaps[6:]) == {60}
    assert len(gaps) > 9


def test_a_minute_of_running_ends_the_back_off(rules: Any) -> None:
    seat = Seat(rules)
    seat.watch(40)
    seat.watch(59, agent_runs=True)
    assert [second for second, _ in seat.watch(3)] != [1, 2, 3]
    seat.watch(62, agent_runs=True)
    assert [second for second, _ in seat.watch(4)] == [1, 2, 4]


def test_an_owner_who_quit_with_a_proof_is_left_alone_until_the_next_logon(rules: Any) -> None:
    seat = Seat(rules, locks=False)
    seat.look()
    seat.look(agent_runs=True)
    assert seat.look(quit_by_owner=True) == 0
    assert seat.watch(600) == []
    seat.look(has_user=False)
    assert seat.look() == START


def test_an_agent_that_the_owner_starts_again_is_kept_again(rules: Any) -> None:
    seat = Seat(rules, locks=False)
    seat.look(agent_runs=True)
    seat.look(quit_by_owner=True)
    seat.look(agent_runs=True)
    assert seat.look() == START


def locks(decided: list[tuple[int, int]]) -> list[int]:
    return [second for second, decision in decided if decision & LOCK]


def test_a_session_without_an_agent_is_locked_after_policys_time_and_tried_again(rules: Any) -> None:
    seat = Seat(rules)
    seat.look(agent_runs=True)
    assert locks(seat.watch(200)) == [152, 182]


def test_an_owner_who_quit_is_locked_too_as_on_linux(rules: Any) -> None:
    seat = Seat(rules)
    seat.look(agent_runs=True)
    seat.look(quit_by_owner=True)
    assert locks(seat.watch(152)) == [151]


def test_the_time_begins_anew_with_each_unlock_and_each_return(rules: Any) -> None:
    seat = Seat(rules, after_s=15)
    seat.look(agent_runs=True)
    assert locks(seat.watch(16)) == []
    assert locks(seat.watch(60, is_locked=True)) == []
    assert locks(seat.watch(17)) == [17]
    assert locks(seat.watch(60, is_shown=False)) == []
    assert locks(seat.watch(17)) == [17]


def test_nothing_is_locked_where_policy_only_alerts_or_no_agent_ever_ran(rules: Any) -> None:
    alerted = Seat(rules, locks=False)
    alerted.look(agent_runs=True)
    assert locks(alerted.watch(400)) == []
    assert locks(Seat(rules).watch(400)) == []
    assert locks(Seat(rules, everybody=True).watch(160)) == [152]


def test_a_running_agent_is_never_locked_whatever_was_before(rules: Any) -> None:
    seat = Seat(rules, after_s=15)
    seat.look(agent_runs=True)
    seat.watch(14)
    seat.look(agent_runs=True)
    assert locks(seat.watch(14)) == []
