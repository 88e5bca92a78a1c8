"""Asks the person at the Mac to prove who they are. Not run on macOS; tested with a scripted table."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, Final, Protocol

ASK_S: Final = 60.0

# LAPolicyDeviceOwnerAuthentication: a finger, a watch where that is allowed, or the account's password.
_DEVICE_OWNER: Final = 2

_log = logging.getLogger(__name__)


class LocalAuthentication(Protocol):
    """What is needed of macOS."""

    def possible(self) -> bool:
        """Whether the owner can be asked: LAContext.canEvaluatePolicy. May block 100 ms."""

    def ask(self, why: str, on_answer: Callable[[bool], None]) -> Callable[[], None]:
        """LAContext.evaluatePolicy: returns what takes the question back; `on_answer` comes on macOS's thread."""


class RealLocalAuthentication:
    """`LocalAuthentication` by PyObjC; made on macOS only.

    Raises
    ------
    ImportError
        If PyObjC's LocalAuthentication is not installed.
    """

    def __init__(self) -> None:
        import LocalAuthentication as objc  # type: ignore[import-not-found]

        self._objc = objc

    def possible(self) -> bool:
        """See `LocalAuthentication.possible`."""
        can, _ = self._objc.LAContext.alloc().init().canEvaluatePolicy_error_(_DEVICE_OWNER, None)
        return bool(can)

    def ask(self, why: str, on_answer: Callable[[bool], None]) -> Callable[[], None]:
        """See `LocalAuthentication.ask`. A context of its own: macOS then takes no earlier answer for this one."""
        context = self._objc.LAContext.alloc().init()

        def replied(success: bool, _error: Any) -> None:
            on_answer(bool(success))

        context.evaluatePolicy_localizedReason_reply_(_DEVICE_OWNER, why, replied)

        def take_back() -> None:
            context.invalidate()

        return take_back


class MacConfirmation:
    """`Reauthentication` by LocalAuthentication.

    Parameters
    ----------
    made : callable
        Makes the table; an ImportError means that there is none.
    ask_s : float
        How long to wait for an answer.
    """

    authority = "LocalAuthentication"

    def __init__(
        self, made: Callable[[], LocalAuthentication] = RealLocalAuthentication, ask_s: float = ASK_S
    ) -> None:
        self._made = made
        self._ask_s = ask_s

    def available(self) -> bool:
        """See `Reauthentication.available`."""
        try:
            return self._made().possible()
        except ImportError as why:
            _log.info("LocalAuthentication is not there: %s", why)
            return False

    def confirm(self, why: str) -> bool:
        """See `Reauthentication.confirm`."""
        answers: list[bool] = []
        answered = threading.Event()

        def on_answer(success: bool) -> None:
            answers.append(success)
            answered.set()

        try:
            take_back = self._made().ask(why, on_answer)
        except ImportError as reason:
            _log.warning("the owner could not be asked: %s", reason)
            return False
        if not answered.wait(self._ask_s):
            take_back()
            return False
        return answers[0]
