"""Proving who one is on Windows and macOS, over scripted functions. Nothing here ran on either."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Any

import pytest

from agent.host.macos.reauthenticate import MacConfirmation
from agent.host.windows.credentials import Refused, Typed
from agent.host.windows.reauthenticate import ASK_S, TRIES, WRONG_PASSWORD, WindowsConfirmation

CANCELLED, RESTRICTED = 1223, 1327
ADA, EVE = "S-1-5-21-1-1001", "S-1-5-21-1-1002"


class Person:
    """Answers the dialogue with a password, or cancels it; a logon says whose password it is."""

    def __init__(self, *answers: str | int, own: str = ADA) -> None:
        self._answers = list(answers)
        self._own = own
        self.asked: list[tuple[str, str, int]] = []
        self.typed: list[Typed] = []

    def ask(self, title: str, text: str, error: int) -> Typed:
        self.asked.append((title, text, error))
        answer = self._answers.pop(0)
        if isinstance(answer, int):
            raise Refused(answer)
        self.typed.append(Typed("ada", "DESK", ctypes.create_unicode_buffer(answer)))
        return self.typed[-1]

    def log_on(self, typed: Typed) -> str:
        known = {"hers": ADA, "his": EVE}
        if typed.password.value == "":
            raise Refused(RESTRICTED)
        if typed.password.value not in known:
            raise Refused(WRONG_PASSWORD)
        return known[typed.password.value]

    def own_identity(self) -> str:
        return self._own


@pytest.mark.parametrize(
    ("answers", "proven"),
    [
        (("hers",), True),
        (("typo", "hers"), True),
        (("typo", "typo", "typo"), False),
        ((CANCELLED,), False),
        (("typo", CANCELLED), False),
        (("his",), False),
        (("",), False),
    ],
)
def test_only_the_own_password_proves_anything_on_windows(
    answers: tuple[str | int, ...], proven: bool
) -> None:
    person = Person(*answers)
    assert WindowsConfirmation(lambda: person).confirm("pause the watch") is proven
    assert all(typed.password.value == "" for typed in person.typed), "it is overwritten"
    assert len(person.asked) <= TRIES
    assert "pause the watch" in person.asked[0][1]
    assert [error for _, _, error in person.asked] == [0, *[WRONG_PASSWORD] * (len(person.asked) - 1)]


def test_an_identity_that_cannot_be_told_is_never_the_own_one() -> None:
    nobody = Person("hers", own="")
    assert WindowsConfirmation(lambda: nobody).available() is False
    nobody.log_on = lambda typed: ""  # type: ignore[method-assign]
    assert WindowsConfirmation(lambda: nobody).confirm("quit") is False
    assert WindowsConfirmation(Person).available() is True


def test_an_answer_after_a_minute_is_none() -> None:
    times = iter([0.0, ASK_S + 1])
    assert WindowsConfirmation(lambda: Person("hers"), lambda: next(times)).confirm("quit") is False


def test_a_password_is_not_shown_with_what_was_typed() -> None:
    assert "hers" not in repr(Typed("ada", "", ctypes.create_unicode_buffer("hers")))


@pytest.mark.parametrize("answer", [True, False])
def test_macos_says_whether_it_was_the_owner(scripted: Callable[..., Any], answer: bool) -> None:
    def ask(why: str, told: Callable[[bool], None]) -> Callable[[], None]:
        threading.Thread(target=told, args=(answer,)).start()
        return refuse

    table = scripted(possible=answer, ask=ask)
    mac = MacConfirmation(lambda: table)
    assert mac.available() is answer
    assert mac.confirm("pause the watch") is answer
    assert table.calls[-1][:2] == ("ask", "pause the watch")


def test_without_an_answer_macos_is_no_longer_asked(scripted: Callable[..., Any]) -> None:
    taken_back = threading.Event()
    late: list[Callable[[bool], None]] = []

    def ask(why: str, told: Callable[[bool], None]) -> Callable[[], None]:
        late.append(told)
        return taken_back.set

    assert MacConfirmation(lambda: scripted(ask=ask), ask_s=0.01).confirm("quit") is False
    assert taken_back.is_set()
    late[0](True)


def test_without_the_library_macos_confirms_nothing() -> None:
    def missing() -> Any:
        raise ImportError("No module named 'LocalAuthentication'")

    assert MacConfirmation(missing).available() is False
    assert MacConfirmation(missing).confirm("quit") is False


def refuse() -> None:
    raise AssertionError("not scripted: taking the question back")
