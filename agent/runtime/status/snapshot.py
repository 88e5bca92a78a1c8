"""Status snapshot and commands: what leaves the worker, and what can be asked of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from enum import Enum
from typing import Any

from agent.engine.mouse import MouseConfiguration
from agent.engine.sufficiency import Sufficiency


class State(Enum):
    """What the agent is doing, as the tray shows it."""

    STARTING = "starting"
    LEARNING = "learning"
    PROTECTING = "protecting"
    SUSPICIOUS = "suspicious"
    LOCKED = "locked"
    PAUSED = "paused"
    AWAY = "another user's screen"
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
    DRILL = "drill"


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
    configuration : MouseConfiguration or None
        The mouse and how it is set; None before one was seen.
    profile_id : str
        Empty without a profile.
    enrolled_share : float or None
        0-1 while learning.
    hours_left : float or None
        Hours of mouse use until there is enough to learn from, as it has gone so far; None where that
        cannot be said.
    sufficiency : Sufficiency or None
        While learning, once it was reckoned: the error to expect, and how it would fall.
    actions : int
        Actions judged since the start.
    events : int
        Events seen since the start.
    waiting_alerts : int
        Alerts not yet taken by every destination.
    last_lock : str
        Result of the last lock, or empty.
    doubted_unix_s : float or None
        Wall clock of the last finding that the owner has not answered with "that was me".
    false_alarms : int
        Findings so answered since the start.
    locks_suspended : bool
        True for the rest of a day with as many confirmed false locks as policy allows: the agent only alerts.
    in_drill : bool
        True while a colleague has the mouse for a drill: nothing locks.
    countdown_s : float or None
        Whole seconds that are left until the lock while one is on its way, else None.
    countdown_held : bool
        True while the countdown stands still, because the owner is asked for a proof.
    trouble : str
        What is wrong right now and must be mended (a full disk …), or empty.
    movements : bytes
        Sketches of the last actions (`agent.engine.sketch`, float32), for the picture of the status page. They stay in
        memory: neither the status file nor an alert holds them.
    notes : tuple of str
        What is degraded, a line each (a tray without menu, a key in a file …).
    """

    state: State = State.STARTING
    detail: str = ""
    trust: int | None = None
    mode: str = "shadow"
    user: str = ""
    mouse: str = ""
    configuration: MouseConfiguration | None = None
    profile_id: str = ""
    enrolled_share: float | None = None
    hours_left: float | None = None
    sufficiency: Sufficiency | None = None
    actions: int = 0
    events: int = 0
    waiting_alerts: int = 0
    last_lock: str = ""
    doubted_unix_s: float | None = None
    false_alarms: int = 0
    locks_suspended: bool = False
    in_drill: bool = False
    trouble: str = ""
    countdown_s: float | None = None
    countdown_held: bool = False
    notes: tuple[str, ...] = ()
    movements: bytes = b""

    def to_json(self) -> dict[str, Any]:
        """Plain values, for the status file and `steadyhand status --json`."""
        mouse = self.configuration.to_json() if self.configuration else None
        fields_by_name = {**asdict(self), "state": self.state.value, "configuration": mouse}
        del fields_by_name["movements"]
        return {**fields_by_name, "notes": list(self.notes)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Status:
        """Read what `to_json` wrote; what another version added or left out does not matter.

        Raises
        ------
        ValueError
            If the state, the mouse or the sufficiency is none that this version knows.
        """
        known = {f.name: stored[f.name] for f in fields(cls) if f.name in stored}
        mouse, weighed = known.get("configuration"), known.get("sufficiency")
        return cls(
            **{
                **known,
                "state": State(known.get("state", State.STARTING.value)),
                "configuration": MouseConfiguration.from_json(mouse) if mouse else None,
                "sufficiency": Sufficiency.from_json(weighed) if weighed else None,
                "notes": tuple(known.get("notes", ())),
            }
        )
