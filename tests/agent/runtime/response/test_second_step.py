"""The second step goes along with a countdown, never prolongs it, and counts only while it runs."""

from __future__ import annotations

import threading

from agent.runtime.response.second_step import SecondStepQuestion


class Reader:
    """A reader that the test puts a finger on."""

    def __init__(self, available: bool = True) -> None:
        self._available = available
        self.finger = threading.Event()
        self.asked = threading.Event()
        self.left = threading.Event()
        self.shown: list[bool] = []
        self.proven = threading.Event()

    def available(self) -> bool:
        return self._available

    def confirm(self, ended: threading.Event) -> bool:
        self.asked.set()
        while not ended.is_set():
            if self.finger.wait(0.005):
                return True
        return False

    def show(self, asked: bool) -> None:
        self.shown.append(asked)
        if not asked:
            self.left.set()


def question(reader: Reader) -> SecondStepQuestion:
    return SecondStepQuestion(reader, reader.show, reader.proven.set)


def test_a_finger_in_time_proves() -> None:
    reader = Reader()
    step = question(reader)
    step.begin()
    assert reader.asked.wait(5)
    reader.finger.set()
    assert reader.proven.wait(5)
    assert reader.left.wait(5)
    assert reader.shown == [True, False]
    step.end()


def test_after_the_countdown_it_counts_no_more() -> None:
    reader = Reader()
    step = question(reader)
    step.begin()
    assert reader.asked.wait(5)
    step.end()
    reader.finger.set()
    assert reader.left.wait(5)
    assert not reader.proven.is_set()


def test_where_there_is_no_reader_nobody_is_asked() -> None:
    reader = Reader(available=False)
    step = question(reader)
    step.begin()
    step.end()
    assert not reader.asked.wait(0.1)
    assert reader.shown == []
