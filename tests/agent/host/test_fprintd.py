"""A fingerprint before a lock: only root's word and only a match count, and it ends with the countdown."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from agent.host.linux.bus import BusError, BusOwner, Signal
from agent.host.linux.fprintd import FprintdStep

MANAGER = "net.reactivated.Fprint.Manager.GetDefaultDevice"
DEVICE = "net.reactivated.Fprint.Device"
PATH = "/net/reactivated/Fprint/Device/0"


def status(outcome: Any, done: Any) -> Signal:
    return Signal(PATH, DEVICE, "VerifyStatus", (outcome, done))


@pytest.fixture
def reader(bus: Any) -> Any:
    bus.signals["SYSTEM"] = []
    bus.owners["net.reactivated.Fprint"] = BusOwner(":1.9", 0, 77)
    bus.answers[MANAGER] = (PATH,)
    bus.answers[f"{DEVICE}.ListEnrolledFingers"] = (["right-index-finger"],)
    for method in ("Claim", "VerifyStart", "VerifyStop"):
        bus.answers[f"{DEVICE}.{method}"] = ()
    return bus


def asked(reader: Any, *signals: Signal) -> tuple[bool, list[str]]:
    """What comes of these signals, and the calls on the way."""
    outcome: list[bool] = []
    ended = threading.Event()
    question = threading.Thread(target=lambda: outcome.append(FprintdStep(reader).confirm(ended)))
    question.start()
    while not reader.conversations and question.is_alive():
        threading.Event().wait(0.005)
    for signal in signals:
        reader.conversations[-1].say(signal)
    question.join(0.6)
    ended.set()
    question.join(5)
    return outcome[0], [method for method, _ in reader.calls]


def test_a_match_proves_and_lets_go_of_the_reader(reader: Any) -> None:
    proved, calls = asked(reader, status("verify-match", True))
    assert proved
    assert calls == ["GetDefaultDevice", "Claim", "VerifyStart"]
    assert reader.conversations[0].closed.is_set()
    assert reader.calls[1:] == [("Claim", ("",)), ("VerifyStart", ("any",))]


def test_another_finger_is_asked_for_again(reader: Any) -> None:
    proved, calls = asked(
        reader,
        status("verify-no-match", True),
        status("verify-swipe-too-short", False),
        status("verify-match", True),
    )
    assert proved
    assert calls[-2:] == ["VerifyStop", "VerifyStart"]


@pytest.mark.parametrize(
    "signal",
    [
        status("verify-unknown-error", True),
        status("verify-disconnected", True),
        status("verify-match", False),
        status("verify-match", 1),
        status(True, True),
        status("verify-retry-scan", False),
    ],
)
def test_nothing_else_proves_anything(reader: Any, signal: Signal) -> None:
    proved, _ = asked(reader, signal)
    assert not proved
    assert reader.conversations[0].closed.is_set()


def test_a_program_of_the_user_cannot_stand_in_for_the_reader(reader: Any) -> None:
    reader.owners["net.reactivated.Fprint"] = BusOwner(":1.9", 1000, 77)
    assert not FprintdStep(reader).available()
    assert not FprintdStep(reader).confirm(threading.Event())


@pytest.mark.parametrize(
    ("answers", "available"),
    [
        ({}, True),
        ({MANAGER: BusError("no reader")}, False),
        ({f"{DEVICE}.ListEnrolledFingers": ([],)}, False),
        ({f"{DEVICE}.ListEnrolledFingers": BusError("NoEnrolledPrints")}, False),
    ],
)
def test_it_is_there_with_a_reader_and_a_finger_on_file(
    reader: Any, answers: dict[str, Any], available: bool
) -> None:
    reader.answers.update(answers)
    assert FprintdStep(reader).available() is available
