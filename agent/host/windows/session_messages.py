"""Messages that Windows sends to a window about the session, power and its end, as facts. Pure.

References (learn.microsoft.com): WM_QUERYENDSESSION, WM_ENDSESSION, WM_POWERBROADCAST, WM_WTSSESSION_CHANGE.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

QUERY_END_SESSION: Final = 0x0011
END_SESSION: Final = 0x0016
POWER_BROADCAST: Final = 0x0218
SESSION_CHANGE: Final = 0x02B1

_CLOSE_APP: Final = 0x00000001
_CRITICAL: Final = 0x40000000
_LOG_OFF: Final = 0x80000000


class SessionFact(Enum):
    """What one message says."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"
    AWAY = "away"
    BACK = "back"
    SLEEP_BEGINS = "sleep begins"
    SLEEP_ENDS = "sleep ends"


_SESSION: Final = {
    1: SessionFact.BACK,  # WTS_CONSOLE_CONNECT
    2: SessionFact.AWAY,  # WTS_CONSOLE_DISCONNECT: fast user switching shows somebody else's session
    3: SessionFact.BACK,  # WTS_REMOTE_CONNECT
    4: SessionFact.AWAY,  # WTS_REMOTE_DISCONNECT
    7: SessionFact.LOCKED,  # WTS_SESSION_LOCK
    8: SessionFact.UNLOCKED,  # WTS_SESSION_UNLOCK
}
# PBT_APMRESUMESUSPEND comes after the second of these where a person woke the computer: it says nothing new.
_POWER: Final = {0x0004: SessionFact.SLEEP_BEGINS, 0x0012: SessionFact.SLEEP_ENDS}


def read_session_message(message: int, wparam: int) -> SessionFact | None:
    """What a message says of session and power; None for any other."""
    if message == SESSION_CHANGE:
        return _SESSION.get(wparam)
    return _POWER.get(wparam) if message == POWER_BROADCAST else None


def end_reason(lparam: int) -> str:
    """Why Windows ends the session or the program, from the second parameter of WM_ENDSESSION."""
    flags = lparam & 0xFFFFFFFF
    if flags & _CLOSE_APP:
        return "an installer that needs its files"
    urgently = ", without waiting for programs" if flags & _CRITICAL else ""
    return f"a log-off{urgently}" if flags & _LOG_OFF else f"a shutdown or restart{urgently}"
