"""One small Protocol per service of the operating system; each says thread, rate, and may-it-block."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from threading import Event
from typing import Any, Protocol

from agent.engine.events import Boundary
from agent.engine.mouse import MouseConfiguration
from agent.host.identity_proof import IdentityProof as IdentityProof
from agent.host.identity_proof import IdentityProofs as IdentityProofs
from agent.host.identity_proof import SystemAuthentication as SystemAuthentication
from agent.host.notifier import ButtonNotifier
from agent.host.obstruction import Obstruction, nothing_obstructs
from agent.host.ring import Ring
from agent.host.session_end import SessionEnd
from agent.host.session_fate import NO_WORD, SessionOutlook


class CannotSee(Exception):
    """Capture is not possible here; the message says why and what to do, as a `Sentence` where it has fields."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class CaptureCut(CannotSee):
    """Capture was cut off while it began, by a server that goes on: somebody may be doing that."""


class PointerSource(Protocol):
    """Mouse events of the whole desktop, stamped by the operating system."""

    def start(self, ring: Ring) -> None:
        """Begin to append to `ring`, from a thread of the source's own.

        Called by the worker, at the start and on a fresh instance after `is_alive` turned False; blocks 2 s at most.

        Raises
        ------
        CannotSee
            If there is nothing to capture from (no display, Wayland, no permission), or it was cut off (`CaptureCut`).
        """

    def stop(self) -> None:
        """End capture. Called once; returns within 1 s even when the mouse rests."""

    def is_alive(self) -> bool:
        """True while events can still arrive. About once a second while the mouse moves; never blocks."""

    def sync(self) -> None:
        """Fetch what the display server still buffers into the ring. Worker thread; blocks at most 50 ms."""


class Mice(Protocol):
    """The pointing devices and how they are set."""

    def current(self) -> MouseConfiguration:
        """The configuration of the mouse that moved last, else of the main one.

        Any thread; blocks up to 3 s at the first call, where daemons hang, and not at all while it watches.
        """

    def of(self, source: int) -> MouseConfiguration | None:
        """The mouse that the events of `source` come from; None where it is not known. Never blocks.

        `UNKNOWN_SOURCE` stands for the mouse that moved last, else the main one.
        """

    def connected(self) -> tuple[MouseConfiguration, ...]:
        """Every pointing device that is connected. Blocks as `current`."""

    def watch(self, changed: Callable[[str], None]) -> None:
        """Call `changed` with what changed, in words, from a thread of its own within 2 s of every change.

        `of` tells the new state by then. Blocks as `current`.
        """

    def look(self) -> None:
        """Have everything read again soon: for what changes without a word. Any thread; returns at once."""

    def close(self) -> None:
        """Stop watching."""


class SessionMonitor(Protocol):
    """Lock, unlock, sleep and user switches of this session."""

    def start(
        self,
        on_boundary: Callable[[Boundary], None],
        on_deaf: Callable[[str], None],
        on_unseen_lock: Callable[[str], None],
    ) -> None:
        """Call `on_boundary` from a thread of its own at each change, `on_deaf` when changes are no longer heard.

        `on_deaf` takes a line on what went away and is not noticed meanwhile, and an empty one when all is back;
        `on_unseen_lock` one where somebody says that the screen is locked and it is not seen to be. Returns at once.
        """

    def is_locked(self) -> bool | None:
        """Whether it is seen to be locked, whatever is said; None where that cannot be told. May block a second."""

    def stop(self) -> None:
        """Stop telling; returns within 1 s."""


class LockResult(Enum):
    """What became of one attempt to lock."""

    LOCKED = "locked"
    BLOCKED = "blocked"
    FAILED = "failed"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class LockReport:
    """One attempt, or the last one of a list of attempts.

    Attributes
    ----------
    result : LockResult
    locker : str
        Name of the locker that was tried last.
    seen_ns : int
        Monotonic time at which the lock was seen; 0 where it was not.
    tried : tuple of str
        A line per locker that was tried: its name and what happened.
    """

    result: LockResult
    locker: str
    seen_ns: int
    tried: tuple[str, ...]


class ScreenLock(Protocol):
    """Locks the screen and believes it only when seen."""

    def lock(self) -> LockReport:
        """Try each locker in order until one is verified. Responder thread; blocks up to 3 s per locker."""

    def is_locked(self) -> bool | None:
        """True or False where it can be seen, None where not. Any thread; may block 200 ms."""

    def names(self) -> Sequence[str]:
        """The lockers that would be tried, in order. May block 200 ms."""


class Idle(Protocol):
    """The operating system's own word on when input last arrived."""

    def idle_ms(self) -> int | None:
        """Milliseconds since the last input of any kind; None where nobody says, or not yet. May block 50 ms."""

    def problem(self) -> str:
        """Why nobody says when input last came, in a line; empty where somebody does. May block 3 s."""

    def position(self) -> tuple[int, int] | None:
        """Where the pointer is, px; None where nobody says. May block 50 ms."""


class Reauthentication(Protocol):
    """Asks the person at the computer to prove who they are."""

    def available(self) -> bool:
        """False where no such service exists: what needs it is then not available. May block 200 ms."""

    @property
    def authority(self) -> str:
        """Who asks, for the record of a proof."""

    def confirm(self, why: str) -> bool:
        """Ask and wait: blocks up to 60 s, from a thread of its own. True only on a proven identity."""


class Presentation(Protocol):
    """Whether somebody presents, by any program's word: that may put a lock off, and never prevents it."""

    def is_presenting(self) -> bool:
        """True while a program of this user keeps the screen from going idle. May block 200 ms."""


class SecondStep(Protocol):
    """A further proof of identity that takes no typing, such as a fingerprint."""

    @property
    def authority(self) -> str:
        """Who vouches for it, for the record of a proof."""

    def available(self) -> bool:
        """True where this user can be asked for it. From a thread of its own; may block 2 s."""

    def confirm(self, ended: Event) -> bool:
        """Ask until `ended`; True only on a proof. From a thread of its own."""


@dataclass(frozen=True, slots=True)
class HostServices:
    """Everything that the operating system does for the agent.

    Attributes
    ----------
    pointer : callable
        Makes a fresh `PointerSource`; a source that died is never used again.
    mice, session, lock, idle, reauthentication, notifier, presentation, proofs, second_step
        One service each.
    notes : tuple of str
        What is degraded here, a line each.
    session_end : SessionEnd or None
        None where the end comes as a signal.
    session_facts, outlook
        What the system tells of the session for alerts: ``session``, ``seat``, ``display``, ``type``, ``remote``,
        ``remote_host``, as far as it is known (may block 400 ms); and of its end.
    obstruction : callable
        What keeps a pointer source that works from hearing the mouse now. Any thread; never blocks.
    """

    pointer: Callable[[], PointerSource]
    mice: Mice
    session: SessionMonitor
    lock: ScreenLock
    idle: Idle
    reauthentication: Reauthentication
    notifier: ButtonNotifier
    presentation: Presentation
    proofs: IdentityProofs
    second_step: SecondStep
    notes: tuple[str, ...] = ()
    session_facts: Callable[[], Mapping[str, Any]] = dict
    session_end: SessionEnd | None = None
    outlook: SessionOutlook = NO_WORD
    obstruction: Callable[[], Obstruction] = nothing_obstructs
