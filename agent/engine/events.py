"""Stream items: batches of mouse events, and the boundaries between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum

import numpy as np
from numpy.typing import NDArray


class EventKind(IntEnum):
    """The kind of one mouse event. DRAG is a move while at least one button is down."""

    MOVE = 0
    DRAG = 1
    PRESS = 2
    RELEASE = 3
    SCROLL = 4


class Button(IntEnum):
    """Buttons by their X numbers; the direction of a SCROLL event is its button, as on X."""

    NONE = 0
    LEFT = 1
    MIDDLE = 2
    RIGHT = 3
    SCROLL_UP = 4
    SCROLL_DOWN = 5
    SCROLL_LEFT = 6
    SCROLL_RIGHT = 7
    BACK = 8
    FORWARD = 9


UNKNOWN_SOURCE = -1


@dataclass(frozen=True, slots=True, eq=False)
class EventBatch:
    """A run of mouse events in order of time.

    Attributes
    ----------
    t_ns : ndarray of int64, shape (n,)
        Time stamps of the operating system, nanoseconds on one monotonic clock, non-decreasing.
    x, y : ndarray of float64, shape (n,)
        Position in px; negative left of or above the first monitor.
    kind : ndarray of uint8, shape (n,)
        Values of `EventKind`.
    button : ndarray of uint8, shape (n,)
        Values of `Button`; for SCROLL the direction; NONE for MOVE.
    source : ndarray of int16, shape (n,)
        Number of the device that moved, as the capture counts its devices; -1 where it is not known.
    synthetic : ndarray of bool, shape (n,)
        True where the event is known to come from a program and not from a hand.

    Raises
    ------
    ValueError
        If the arrays differ in length.
    """

    t_ns: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    kind: NDArray[np.uint8]
    button: NDArray[np.uint8]
    source: NDArray[np.int16]
    synthetic: NDArray[np.bool_]

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name).shape != self.t_ns.shape:
                raise ValueError(f"{name}: {getattr(self, name).shape}, but t_ns: {self.t_ns.shape}")

    def __len__(self) -> int:
        return len(self.t_ns)

    def __getitem__(self, part: slice) -> EventBatch:
        return EventBatch(*(getattr(self, name)[part] for name in self.__slots__))

    @classmethod
    def of(
        cls,
        t_ns: NDArray[np.int64],
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        kind: NDArray[np.uint8],
        button: NDArray[np.uint8],
        *,
        source: int = UNKNOWN_SOURCE,
        synthetic: bool = False,
    ) -> EventBatch:
        """Events that all come from one source."""
        n = len(t_ns)
        return cls(t_ns, x, y, kind, button, np.full(n, source, np.int16), np.full(n, synthetic, np.bool_))

    @classmethod
    def empty(cls) -> EventBatch:
        """A batch without events."""
        return cls(
            np.empty(0, np.int64),
            np.empty(0, np.float64),
            np.empty(0, np.float64),
            np.empty(0, np.uint8),
            np.empty(0, np.uint8),
            np.empty(0, np.int16),
            np.empty(0, np.bool_),
        )

    @classmethod
    def concat(cls, batches: Iterable[EventBatch]) -> EventBatch:
        """One batch from several, in the order given."""
        parts = list(batches)
        if not parts:
            return cls.empty()
        return cls(*(np.concatenate([getattr(b, name) for b in parts]) for name in cls.__slots__))


class OnAction(Enum):
    """What a boundary does to the action that is under way."""

    ENDS = "ends"
    DROPPED = "dropped"


class OnWindow(Enum):
    """What a boundary does to the window."""

    GOES_ON = "goes on"
    NO_EVIDENCE = "marked no evidence"
    RESTARTS = "restarts"


class OnTrust(Enum):
    """What a boundary does to trust. Nothing but a proof of identity improves it."""

    KEPT = "kept"
    FULL = "full, and a new day's baseline"
    AT_ALERT_LEVEL = "restarts at the alert level"


class Cause(Enum):
    """Why the stream is cut, and what follows: the table of boundaries in docs/design.md."""

    GAP = ("gap", OnAction.ENDS, OnWindow.GOES_ON, OnTrust.KEPT)
    OVERFLOW = ("overflow", OnAction.DROPPED, OnWindow.NO_EVIDENCE, OnTrust.KEPT)
    CAPTURE_RESTARTED = ("capture restarted", OnAction.DROPPED, OnWindow.NO_EVIDENCE, OnTrust.KEPT)
    CLOCK_STEP = ("clock step", OnAction.DROPPED, OnWindow.NO_EVIDENCE, OnTrust.KEPT)
    SYNTHETIC = ("synthetic input", OnAction.DROPPED, OnWindow.NO_EVIDENCE, OnTrust.KEPT)
    SCREEN_LOCKED = ("screen locked", OnAction.DROPPED, OnWindow.RESTARTS, OnTrust.KEPT)
    SCREEN_UNLOCKED = ("screen unlocked", OnAction.DROPPED, OnWindow.RESTARTS, OnTrust.KEPT)
    SLEEP = ("sleep", OnAction.DROPPED, OnWindow.RESTARTS, OnTrust.KEPT)
    USER_SWITCH = ("user switch", OnAction.DROPPED, OnWindow.RESTARTS, OnTrust.KEPT)
    USER_BACK = ("user back", OnAction.DROPPED, OnWindow.RESTARTS, OnTrust.KEPT)
    LOCKED_BY_VERDICT = ("locked by verdict", OnAction.DROPPED, OnWindow.RESTARTS, OnTrust.AT_ALERT_LEVEL)
    MOUSE_CHANGED = ("mouse changed", OnAction.DROPPED, OnWindow.RESTARTS, OnTrust.KEPT)
    PAUSED = ("paused", OnAction.DROPPED, OnWindow.RESTARTS, OnTrust.KEPT)
    RESUMED = ("resumed", OnAction.DROPPED, OnWindow.RESTARTS, OnTrust.KEPT)
    # A login or unlock that the system's own authentication performed, or "that was me" with a proof; the detail is a
    # value of `agent.engine.day_baseline.Proof`, and any other detail proves nothing.
    PROVEN = ("identity proven", OnAction.ENDS, OnWindow.RESTARTS, OnTrust.FULL)
    RULES_CHANGED = ("profile or policy changed", OnAction.DROPPED, OnWindow.RESTARTS, OnTrust.KEPT)

    def __init__(self, label: str, on_action: OnAction, on_window: OnWindow, on_trust: OnTrust) -> None:
        self.label = label
        self.on_action = on_action
        self.on_window = on_window
        self.on_trust = on_trust

    @property
    def is_health_alert(self) -> bool:
        """True where something was lost that should not have been."""
        return self.on_window is OnWindow.NO_EVIDENCE


@dataclass(frozen=True, slots=True)
class Boundary:
    """A cut in the stream, in order with the events, so that it reaches every stage in order."""

    t_ns: int
    cause: Cause
    detail: str = ""


StreamItem = EventBatch | Boundary
