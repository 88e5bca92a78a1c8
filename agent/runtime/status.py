"""The one snapshot that goes out of the worker, and the commands that go in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from agent.engine.mouse import MouseConfiguration


class State(Enum):
    """What the agent is doing, as the tray shows it."""

    STARTING = "starting"
    LEARNING = "learning"
    PROTECTING = "protecting"
    SUSPICIOUS = "suspicious"
    LOCKED = "locked"
    PAUSED = "paused"
    UNKNOWN_MOUSE = "unknown mouse"
    CANNOT_SEE = "cannot see the mouse"
    NO_EVIDENCE = "no evidence"


class Command(Enum):
    """What can be asked of the worker. Pause, quit and enrol need re-authentication first."""

    PAUSE = "pause"
    RESUME = "resume"
    ENROL = "enrol"
    IT_WAS_ME = "it was me"
    RELOAD = "reload"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Status:
    """What the agent sees now. Immutable; also written as a read-only JSON file.

    Attributes
    ----------
    state : State
    detail : str
        One sentence for the person at the computer.
    trust : int or None
        0-100; None without evidence. Never a number while the agent cannot see.
    mode : str
        ``shadow`` or ``enforce``.
    user, mouse : str
        Whom and under which mouse configuration it judges.
    mouse_told : tuple of str
        The mouse's values, a line each with who told it, and then what is doubtful about them.
    profile_id : str
        Empty without a profile.
    enrolled_share : float or None
        0-1 while learning.
    actions : int
        Actions judged since the start.
    events : int
        Events seen since the start.
    waiting_alerts : int
        Alerts not yet taken by every destination.
    last_lock : str
        Result of the last lock, or empty.
    countdown_s : float or None
        Seconds from the warning to the lock while a lock is on its way, else None.
    trouble : str
        What is wrong right now and must be mended (a full disk …), or empty.
    notes : tuple of str
        What is degraded, a line each (a tray without menu, a key in a file …).
    """

    state: State = State.STARTING
    detail: str = ""
    trust: int | None = None
    mode: str = "shadow"
    user: str = ""
    mouse: str = ""
    mouse_told: tuple[str, ...] = ()
    profile_id: str = ""
    enrolled_share: float | None = None
    actions: int = 0
    events: int = 0
    waiting_alerts: int = 0
    last_lock: str = ""
    trouble: str = ""
    countdown_s: float | None = None
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values, for the status file and `steadyhand status --json`."""
        return {
            **asdict(self),
            "state": self.state.value,
            "notes": list(self.notes),
            "mouse_told": list(self.mouse_told),
        }


def told_of(mouse: MouseConfiguration) -> tuple[str, ...]:
    """A line for each value of a mouse with who told it, and for each doubt: for people."""
    values = [
        f"{name.replace('_', ' ')}: {f'{_plain(value)} ({source.value})' if value else 'unknown'}"
        for name, value, source in mouse.told()
        if value or name == "cpi"
    ]
    return (f"key: {mouse.key}", *values, *(f"doubt: {doubt}" for doubt in mouse.doubts))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes"
    return f"{value:g}" if isinstance(value, float) else str(value)
