"""Lock state: believes a lock when it is seen, and names who claimed one that is not. Pure: time and looks come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agent.engine.events import Boundary, Cause
from agent.host.linux.session_signals import LockClaim

# A lock screen is shown some moments after, or before, it is told of.
_SETTLE_NS: Final = 2_000_000_000
_SETTLING_S: Final = 0.2
_LOCKED_S: Final = 2.0
# A bus that is late once says nothing about a lock that was seen; one that stays silent keeps nobody from judging.
_MOST_UNKNOWN: Final = 2


@dataclass(frozen=True, slots=True)
class UnseenLock:
    """A lock that was claimed and cannot be seen; `line` says so, for people."""

    line: str


class LockState:
    """Follows claims and looks.

    Parameters
    ----------
    now_ns : int
        Monotonic time of the start.
    """

    def __init__(self, now_ns: int) -> None:
        self._locked = False
        self._claims: dict[str, bool] = {}
        self._doubted: set[str] = set()
        self._claimant = "seen"
        self._unknown = 0
        self._settled_ns = now_ns + _SETTLE_NS

    def claim(self, claim: LockClaim, now_ns: int) -> None:
        """Somebody says that the screen was locked or unlocked: it is to be looked at."""
        self._claims[claim.claimant] = claim.locked
        self._claimant = claim.claimant
        if not claim.locked:
            self._doubted.discard(claim.claimant)
        self._settled_ns = now_ns + _SETTLE_NS

    def look(self, seen: bool | None, now_ns: int) -> list[Boundary | UnseenLock]:
        """What one look at the screen means.

        Parameters
        ----------
        seen : bool or None
            Whether a lock screen is shown; None where it cannot be told, which is no lock.
        now_ns : int
        """
        news: list[Boundary | UnseenLock] = []
        self._unknown = self._unknown + 1 if seen is None else 0
        locked = seen is True or (seen is None and self._locked and self._unknown <= _MOST_UNKNOWN)
        if locked is not self._locked:
            self._locked = locked
            cause = Cause.SCREEN_LOCKED if locked else Cause.SCREEN_UNLOCKED
            news.append(Boundary(now_ns, cause, self._claimant))
            # Whoever claimed the lock says a moment later that it is over.
            self._settled_ns = max(self._settled_ns, now_ns + _SETTLE_NS)
        if not locked and now_ns >= self._settled_ns:
            claiming = sorted(name for name, claimed in self._claims.items() if claimed)
            news += [UnseenLock(_line(name, seen)) for name in claiming if name not in self._doubted]
            self._doubted.update(claiming)
        return news

    def next_look_s(self, now_ns: int) -> float | None:
        """When to look again: soon after a claim, now and then while it is locked, else not until the next claim."""
        if now_ns < self._settled_ns:
            return _SETTLING_S
        if not self._locked and any(
            claimed and name not in self._doubted for name, claimed in self._claims.items()
        ):
            return 0.0
        return _LOCKED_S if self._locked else None


def _line(claimant: str, seen: bool | None) -> str:
    says = f"{claimant} says that the screen is locked"
    if seen is None:
        return f"{says}, and nothing here can show whether it is: the mouse is judged as before"
    return f"{says}, but no lock screen is shown: the mouse is judged as before"
