"""Session signals: what logind and screen savers tell, read into typed facts and claims. Pure.

Anybody can send anything over the session bus, with any arguments. So a screen saver's word is a claim, which has to be
seen before it is believed, and what has another form than it should have means nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agent.engine.events import Boundary, Cause
from agent.host.linux.bus import SESSION, SYSTEM, Service, Signal
from agent.host.linux.lockers.dbus import FREEDESKTOP, GNOME, XFCE
from agent.host.linux.shield import GNOME_SHELL

_SAVERS: Final[tuple[Service, ...]] = (GNOME, GNOME_SHELL, *FREEDESKTOP, *XFCE)
_LOGIN1: Final = "org.freedesktop.login1"
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"

SIGNAL_RULES: Final = {
    SYSTEM: [
        {"sender": _LOGIN1, "member": "PrepareForSleep"},
        {"sender": _LOGIN1, "member": "PrepareForShutdown"},
        {"sender": _LOGIN1, "interface": _PROPERTIES, "member": "PropertiesChanged"},
    ],
    SESSION: [
        {"interface": name, "member": "ActiveChanged"}
        for name in sorted({service.interface for service in _SAVERS})
    ],
}


@dataclass(frozen=True, slots=True)
class LockClaim:
    """Somebody says that the screen was locked, or unlocked.

    Attributes
    ----------
    claimant : str
        ``LockedHint``, or the interface of a screen saver.
    locked : bool
    """

    claimant: str
    locked: bool


@dataclass(frozen=True, slots=True)
class ActiveSession:
    """logind says whether this session's screen is the one that is shown."""

    active: bool


@dataclass(frozen=True, slots=True)
class Shutdown:
    """logind says that the computer begins to shut down, or that it does not after all."""

    begins: bool


SessionFact = Boundary | LockClaim | ActiveSession | Shutdown


def read_signal(signal: Signal, session_path: str, t_ns: int) -> tuple[SessionFact, ...]:
    """What a signal means; nothing where it does not concern this session, or has not the form that it should have.

    Parameters
    ----------
    signal : Signal
    session_path : str
        logind's object of this session; empty where there is none.
    t_ns : int
        When it arrived.
    """
    if signal.member == "PropertiesChanged":
        return _properties(signal.body) if session_path and signal.path == session_path else ()
    flag = _flag(signal.body)
    if flag is None:
        return ()
    if signal.member == "ActiveChanged":
        return (LockClaim(signal.interface, flag),)
    if signal.member == "PrepareForSleep":
        return (Boundary(t_ns, Cause.SLEEP, "begins" if flag else "ends"),)
    if signal.member == "PrepareForShutdown":
        return (Shutdown(flag),)
    return ()


def _properties(body: tuple[object, ...]) -> tuple[SessionFact, ...]:
    changed = body[1] if len(body) > 1 else None
    if not isinstance(changed, dict):
        return ()
    active, hint = (_flag(_variant(changed.get(name))) for name in ("Active", "LockedHint"))
    facts: list[SessionFact] = [] if active is None else [ActiveSession(active)]
    return (*facts, *([] if hint is None else [LockClaim("LockedHint", hint)]))


def _variant(pair: object) -> tuple[object, ...]:
    """The content of a variant, which jeepney gives as signature and content."""
    return pair[1:] if isinstance(pair, tuple) and len(pair) == 2 and pair[0] == "b" else ()


def _flag(body: tuple[object, ...]) -> bool | None:
    return body[0] if len(body) == 1 and isinstance(body[0], bool) else None
