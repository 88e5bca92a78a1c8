"""Status snapshot and commands: what leaves the worker, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from agent.engine.mouse import MouseConfiguration
from agent.engine.sufficiency import Sufficiency
from agent.engine.visible_text import visible
from agent.files.decode import Fields
from agent.runtime.status.sentence_table import read_sentence_table, sentence_table, with_sentences

# What no status exceeds. Learning may go on a little after all of it is there.
_MOST_SHARE: Final = 1000.0
_MOST_HOURS: Final = 1e6
_MOST_UNIX_S: Final = 253_402_300_799.0
_MOST_COUNTDOWN_S: Final = 86_400.0
_MOST_NOTES: Final = 4096


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
    FAILED = "failed"


class Command(Enum):
    """What can be asked of the worker. Pause, quit and enrol need re-authentication first."""

    PAUSE = "pause"
    RESUME = "resume"
    ENROL = "enrol"
    IT_WAS_ME = "it was me"
    RELOAD = "reload"
    QUIT = "quit"
    DRILL = "drill"
    ENROL_ANEW = "enrol anew"


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
    false_locks : int
        Findings of today that called for a lock and were so answered.
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
    moved_by_program : bool
        True while a program, and no hand, moves the mouse.
    fingerprint_asked : bool
        True while a finger on the reader would end the countdown.
    can_ask : bool
        False where this computer cannot ask for a password: nobody can say "that was me" then.
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
    false_locks: int = 0
    locks_suspended: bool = False
    in_drill: bool = False
    trouble: str = ""
    countdown_s: float | None = None
    countdown_held: bool = False
    notes: tuple[str, ...] = ()
    moved_by_program: bool = False
    fingerprint_asked: bool = False
    can_ask: bool = True
    movements: bytes = b""

    def to_json(self) -> dict[str, Any]:
        """Plain values, for the status file and `steadyhand status --json`."""
        mouse = self.configuration.to_json() if self.configuration else None
        fields_by_name = {**asdict(self), "state": self.state.value, "configuration": mouse}
        del fields_by_name["movements"]
        doubts = self.configuration.doubts if self.configuration else ()
        sentences = sentence_table((self.detail, self.trouble, *self.notes, *doubts))
        return {**fields_by_name, "notes": list(self.notes), "sentences": sentences}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Status:
        """Read what `to_json` wrote; what another version added or left out does not matter.

        Raises
        ------
        ValueError
            If a field is of another type or out of bounds, or is none that this version knows.
        """
        status, damage = cls.legible(stored)
        if damage:
            raise ValueError("; ".join(damage.values()))
        return status

    @classmethod
    def legible(cls, stored: dict[str, Any]) -> tuple[Status, dict[str, str]]:
        """What can be read of a status that may be damaged.

        Returns
        -------
        status : Status
            A field that cannot be read has its default.
        damage : dict of str to str
            What is wrong with each field that cannot be read, by its name.
        """
        stored_fields = Fields(stored)
        legible: dict[str, Any] = {}
        damage = {} if "state" in stored else {"state": "state is missing"}
        for name in _READERS.keys() & stored.keys():
            try:
                legible[name] = _READERS[name](stored_fields, name)
            except ValueError as error:
                damage[name] = visible(str(error))
        try:
            sentences = read_sentence_table(stored.get("sentences", []))
        except ValueError as error:
            sentences, damage["sentences"] = {}, visible(str(error))
        return cls(**with_sentences(legible, sentences)), dict(sorted(damage.items()))


_Reader = Callable[[Fields, str], Any]


def _optional(reader: _Reader) -> _Reader:
    """The reader of a field that may be null."""
    return lambda stored, name: None if stored.document[name] is None else reader(stored, name)


def _number(most: float) -> _Reader:
    return lambda stored, name: stored.number(name, 0.0, most)


_READERS: Final[Mapping[str, _Reader]] = MappingProxyType(
    {
        "state": lambda stored, name: stored.choice(name, State),
        "trust": _optional(lambda stored, name: stored.integer(name, most=100)),
        "configuration": _optional(
            lambda stored, name: MouseConfiguration.from_json(stored.nested(name).document)
        ),
        "sufficiency": _optional(lambda stored, name: Sufficiency.from_json(stored.document[name])),
        "enrolled_share": _optional(_number(_MOST_SHARE)),
        "hours_left": _optional(_number(_MOST_HOURS)),
        "doubted_unix_s": _optional(_number(_MOST_UNIX_S)),
        "countdown_s": _optional(_number(_MOST_COUNTDOWN_S)),
        "notes": lambda stored, name: stored.texts(name, _MOST_NOTES),
        **dict.fromkeys(
            ("actions", "events", "waiting_alerts", "false_alarms", "false_locks"), Fields.integer
        ),
        **dict.fromkeys(
            (
                "locks_suspended",
                "in_drill",
                "countdown_held",
                "moved_by_program",
                "can_ask",
                "fingerprint_asked",
            ),
            Fields.boolean,
        ),
        **dict.fromkeys(
            ("detail", "mode", "user", "mouse", "profile_id", "last_lock", "trouble"), Fields.text
        ),
    }
)
