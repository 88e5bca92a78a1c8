"""Polling of the administrator's folders, on a clock and a chance that the test sets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from agent.config.schema import CentralSettings
from agent.engine.errors import SteadyhandError
from agent.runtime.central.fetch import FetchReport
from agent.runtime.central.polling import FIRST_S, Polling

ASKED = CentralSettings(folder_url="https://profiles.example", every_min=30.0)


class Round:
    """Polling with scripted tasks, and everything that it did."""

    def __init__(self, central: CentralSettings = ASKED) -> None:
        self.asked = central
        self.now_s, self.chance = 1000.0, 1.0
        self.folder: list[FetchReport] = []
        self.taken = 0
        self.keeps_back = ""
        self.installed: list[str] = []
        self.refusals: list[tuple[bool, str]] = []
        self.notes: list[tuple[str, bool]] = []
        self.looked = threading.Event()
        self.policy_changed = threading.Event()
        self.rounds = Polling(self, self, self.policy_changed, lambda: self.now_s, lambda: self.chance)

    def look(self, fetched: FetchReport) -> None:
        """One round that finds this."""
        self.folder.append(fetched)
        self.now_s += self.asked.every_min * 60
        self.rounds.turn()
        assert not self.folder

    def central(self) -> CentralSettings:
        return self.asked

    def take_policy(self) -> None:
        self.taken += 1

    def hand_over(self) -> str:
        return self.keeps_back

    def fetched(self, lines: list[str]) -> None:
        self.installed.extend(lines)

    def refused(self, is_policy: bool, line: str) -> None:
        self.refusals.append((is_policy, line))

    def fetch(self) -> FetchReport:
        self.looked.set()
        return self.folder.pop(0)

    def note(self, line: str, *, holds: bool) -> None:
        self.notes.append((line, holds))


@pytest.fixture
def going() -> Any:
    made = Round()
    made.rounds._due_s = made.now_s
    return made


def test_without_a_folder_it_sleeps_for_good() -> None:
    made = Round(CentralSettings())
    made.rounds.start()
    assert made.rounds.wait_s() is None
    made.rounds.turn()
    assert not made.looked.is_set()
    made.rounds.stop(5)


def test_the_first_look_comes_soon_and_the_next_within_the_interval() -> None:
    made = Round()
    made.folder = [FetchReport()]
    made.rounds.start()
    assert made.rounds.wait_s() == FIRST_S
    made.now_s += FIRST_S
    made.policy_changed.set()
    assert made.looked.wait(5)
    made.rounds.stop(5)
    assert made.rounds.wait_s() == 30 * 60
    made.chance = 0.0
    made.look(FetchReport())
    assert made.rounds.wait_s() == pytest.approx(20 * 60)


def test_a_changed_policy_is_taken_up_and_nothing_is_looked_into_before_its_time(going: Round) -> None:
    going.look(FetchReport())
    going.rounds.take_policy()
    going.rounds.turn()
    assert (going.taken, going.folder) == (1, [])


def test_a_server_that_never_ends_does_not_hold_local_policy_back() -> None:
    made = Round()
    released = threading.Event()

    def hang() -> FetchReport:
        made.looked.set()
        released.wait(30)
        return FetchReport()

    made.fetch = hang  # type: ignore[method-assign]
    made.chance = 0.0
    made.rounds.start()
    assert made.looked.wait(5)
    for number in range(3):
        taken = made.taken
        made.policy_changed.set()
        for _ in range(500):
            if made.taken > taken:
                break
            time.sleep(0.01)
        assert made.taken > taken, f"change {number} waits for the network"
    assert not released.is_set()
    released.set()
    made.rounds.stop(5)


def test_a_policy_that_cannot_be_read_is_a_note(going: Round) -> None:
    def fail() -> None:
        raise OSError(5, "Input/output error")

    take, going.take_policy = going.take_policy, fail  # type: ignore[method-assign]
    going.rounds.take_policy()
    going.take_policy = take  # type: ignore[method-assign]
    going.rounds.take_policy()
    assert [held for _, held in going.notes] == [True, False]
    assert "the policy is not read" in going.notes[0][0]


def test_a_folder_that_stays_away_is_told_once_and_taken_back(going: Round) -> None:
    for _ in range(3):
        going.look(FetchReport(trouble="refuses connections"))
    going.look(FetchReport())
    line = "nothing can be fetched: refuses connections"
    assert going.notes == [(line, True), (line, False)]
    assert going.refusals == []


def test_a_bad_file_is_one_alert_until_it_is_mended(going: Round) -> None:
    bad = (True, "its signature does not fit")
    for _ in range(3):
        going.look(FetchReport(refused=[bad]))
    going.look(FetchReport(trouble="refuses connections"))
    going.look(FetchReport(refused=[bad]))
    assert going.refusals == [bad]
    going.look(FetchReport())
    going.look(FetchReport(refused=[bad]))
    assert going.refusals == [bad, bad]


def test_what_is_new_is_taken_up_and_what_is_not_changes_nothing(going: Round) -> None:
    going.look(FetchReport(lines=["policy: nothing new"]))
    going.policy_changed.clear()
    assert going.installed == []
    going.look(FetchReport(profiles=["Desk Mouse: sequence 5"], policy=True))
    assert going.policy_changed.is_set()
    assert going.installed == ["Desk Mouse: sequence 5"]


def test_what_keeps_recordings_back_is_a_note() -> None:
    made = Round(CentralSettings(recordings_url="https://recordings.example"))
    made.rounds._due_s = made.now_s
    made.keeps_back = "no room there"
    for _ in range(2):
        made.now_s += 3600
        made.rounds.turn()
    made.keeps_back = ""
    made.now_s += 3600
    made.rounds.turn()
    assert made.notes == [("no room there", True), ("no room there", False)]


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), SteadyhandError("open to others", "chmod")]
)
def test_a_disk_that_refuses_is_told_and_does_not_end_the_rounds(going: Round, error: Exception) -> None:
    fetch = going.fetch

    def fail() -> FetchReport:
        raise error

    going.fetch = fail  # type: ignore[method-assign]
    going.now_s += 1800
    for _ in range(2):
        going.rounds.turn()
        assert going.rounds.wait_s() == 30 * 60, "it does not try again at once"
        going.now_s += 1800
    going.fetch = fetch  # type: ignore[method-assign]
    going.look(FetchReport())
    (told, taken_back) = going.notes
    assert "are not looked into" in told[0]
    assert taken_back == (told[0], False)


def test_a_change_that_the_system_tells_of_is_taken_up_without_a_round() -> None:
    began: list[Callable[[], None]] = []
    ended = []

    def watch(on_change: Callable[[], None]) -> Callable[[], None]:
        began.append(on_change)
        return lambda: ended.append(True)

    made = Round(CentralSettings())
    polling = Polling(made, made, threading.Event(), lambda: 0.0, lambda: 0.5, watch)
    assert not began, "nothing begins before the start"
    polling.start()
    (on_change,) = began
    on_change()
    end_s = time.monotonic() + 5.0
    while not made.taken and time.monotonic() < end_s:
        time.sleep(0.01)
    polling.stop(1.0)
    assert made.taken == 1
    assert ended == [True]
