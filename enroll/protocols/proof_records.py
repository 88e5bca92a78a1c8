"""Records of the stream protocol around proofs of identity: the owner's locks, tailgates, takeovers, whole sessions."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProvenSession:
    """One session of the owner, who proves identity at each login and after each lock.

    Attributes
    ----------
    account, session : str
    false_locks : int
    active_s : float
        Active time that was fully judged.
    has_baseline : bool
        Whether proofs opened baselines; the same in the other records.
    """

    account: str
    session: str
    false_locks: int
    active_s: float
    has_baseline: bool = False


@dataclass(frozen=True, slots=True)
class Tailgate:
    """A matched intrusion that begins so many actions after the owner's last proof.

    Attributes
    ----------
    after_actions : int
        Of the owner, since the proof.
    account, intruder : str
    actions : float
        Of the intruder to the lock; infinite where there was none.
    """

    after_actions: int
    account: str
    intruder: str
    actions: float
    has_baseline: bool = False

    @property
    def is_caught(self) -> bool:
        """Whether the screen locked within the piece."""
        return math.isfinite(self.actions)


@dataclass(frozen=True, slots=True)
class Takeover:
    """A matched intrusion in the middle of the owner's session, and the owner's own next actions as its control.

    Attributes
    ----------
    after_actions : int
        Of the owner, since the login.
    account, intruder, session : str
        The session is the owner's.
    actions : float
        Of the intruder to the lock; infinite where there was none.
    is_control_locked : bool
        Whether the owner's own next 300 actions from the same state lock the screen.
    """

    after_actions: int
    account: str
    intruder: str
    session: str
    actions: float
    is_control_locked: bool
    has_baseline: bool = False

    @property
    def is_caught(self) -> bool:
        """Whether the screen locked within the piece."""
        return math.isfinite(self.actions)


@dataclass(frozen=True, slots=True)
class TakenSession:
    """One session of the owner that is long enough for a takeover.

    Attributes
    ----------
    after_actions : int
    account, session : str
    false_locks : int
        Before the takeover; each was answered by a proof.
    """

    after_actions: int
    account: str
    session: str
    false_locks: int
    has_baseline: bool = False


@dataclass(frozen=True, slots=True)
class WholeIntrusion:
    """A whole matched session of an intruder, up to the lock or to its end.

    Attributes
    ----------
    account, intruder, session : str
    actions, seconds : float
        To the lock, or to the end of the session.
    is_caught : bool
        False where the session ended first.
    """

    account: str
    intruder: str
    session: str
    actions: float
    seconds: float
    is_caught: bool


ProofRecord = ProvenSession | Tailgate | Takeover | TakenSession | WholeIntrusion
