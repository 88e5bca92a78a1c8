"""Asks the person at the computer for their own password. Not run on Windows; tested with a scripted table."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from agent.host.windows.credentials import Credentials, RealCredentials, Refused

WRONG_PASSWORD: Final = 1326
TRIES: Final = 3
ASK_S: Final = 60.0

_TITLE: Final = "Steadyhand"

_log = logging.getLogger(__name__)


class WindowsConfirmation:
    """`Reauthentication` by Windows' own dialogue, and a logon with what was typed into it.

    It takes passwords: of a PIN or a finger Windows hands out nothing that could be checked here. Who has no
    password, or an empty one, cannot prove anything: nothing is then confirmed. The answer counts only where the
    password is that of who runs this process, whatever name was typed. Windows keeps the dialogue open as long as
    the person likes; an answer that comes later than a minute is none.

    Parameters
    ----------
    made : callable
        Makes the table, when it is first needed.
    monotonic_s : callable
    """

    authority = "Windows credential prompt"

    def __init__(
        self,
        made: Callable[[], Credentials] = RealCredentials,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._made = made
        self._monotonic_s = monotonic_s

    def available(self) -> bool:
        """See `Reauthentication.available`."""
        return bool(self._made().own_identity())

    def confirm(self, why: str) -> bool:
        """See `Reauthentication.confirm`; but that the dialogue itself cannot be made to end."""
        until_s = self._monotonic_s() + ASK_S
        credentials = self._made()
        error = 0
        for _ in range(TRIES):
            try:
                whose = _whose(credentials, why, error)
            except Refused as refused:
                if refused.code != WRONG_PASSWORD:
                    _log.warning("the password could not be asked for or checked: %s", refused)
                    return False
                error = refused.code
                continue
            return bool(whose) and whose == credentials.own_identity() and self._monotonic_s() <= until_s
        return False


def _whose(credentials: Credentials, why: str, error: int) -> str:
    """The identity that a typed password proves."""
    typed = credentials.ask(_TITLE, f"Type your password to {why}.", error)
    try:
        return credentials.log_on(typed)
    finally:
        typed.forget()
