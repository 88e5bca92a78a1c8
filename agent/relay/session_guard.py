"""Session guard: sessions that are shown on a screen while their account's agent is gone, and policy's answer to them.

The agent may have been ended, masked, stopped or killed by a program of its own account; this side is out of that
account's reach.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Final

from agent.config.absence_settings import AbsenceSettings
from agent.relay.accounts import UNKNOWN_UID
from agent.relay.active_sessions import ShownSession
from agent.relay.agent_register import AgentRegister
from agent.relay.movement import MovementWitness
from agent.relay.screen_locker import ScreenLocker, ScreenOutcome, ScreenReport

LOOK_NS: Final = 5_000_000_000
_RETRY_NS: Final = 30_000_000_000
_SAME_FAILURE_NS: Final = 600_000_000_000
_RESTING_NS: Final = 600_000_000_000
_STILL_MOVING_NS: Final = 10_000_000_000
_DISBELIEVED_NS: Final = 60_000_000_000


@dataclass(slots=True)
class _Absence:
    """One shown session without an agent.

    Attributes
    ----------
    since_ns : int
        Since when it is shown, and its agent is gone.
    open_since_ns : int
        Since when it may have been open: begins anew whenever it is seen locked.
    moving_locked_since_ns : int or None
        Since when the mouse has been moving while the session says that it is locked.
    attempt : Future or None
        What waits for logind now.
    failure : tuple of str
        What was tried in the last failed attempt that was reported.
    failure_ns : int
        When that was.
    """

    since_ns: int
    open_since_ns: int
    is_reported: bool = False
    moving_locked_since_ns: int | None = None
    attempt: Future[ScreenReport] | None = None
    failure: tuple[str, ...] = ()
    failure_ns: int = 0


@dataclass(frozen=True, slots=True)
class AbsenceNews:
    """What is to be alerted of one session.

    Attributes
    ----------
    session : ShownSession
    absent_ns : int
        For how long it has been shown without an agent.
    is_moving : bool or None
        Whether its seat's mouse has moved since; None where nobody knows.
    screen : ScreenReport or None
        The answer and its outcome; None where this says that the agent is gone.
    """

    session: ShownSession
    absent_ns: int
    is_moving: bool | None
    screen: ScreenReport | None = None


class SessionGuard:
    """Finds sessions without an agent and answers by policy. One thread asks; the answer has a thread of its own.

    Parameters
    ----------
    settings : AbsenceSettings
    shown : callable
        The sessions at the screens now.
    locker : ScreenLocker
    movement : MovementWitness
    executor : Executor
        Runs what waits for logind and display managers.
    """

    def __init__(
        self,
        settings: AbsenceSettings,
        shown: Callable[[], Sequence[ShownSession]],
        locker: ScreenLocker,
        movement: MovementWitness,
        executor: Executor,
    ) -> None:
        self._settings = settings
        self._after_ns = round(settings.after_s * 1e9)
        self._shown = shown
        self._locker = locker
        self._movement = movement
        self._executor = executor
        self._absences: dict[ShownSession, _Absence] = {}
        self._shown_since_ns: dict[ShownSession, int] = {}
        self._due_ns = 0

    def look(self, agents: AgentRegister, now_ns: int) -> list[AbsenceNews]:
        """What is new; looks every five seconds at the most."""
        if now_ns < self._due_ns:
            return []
        self._due_ns = now_ns + LOOK_NS
        shown = self._shown()
        agents.left_screen(frozenset(session.uid for session in shown))
        self._shown_since_ns = {session: self._shown_since_ns.get(session, now_ns) for session in shown}
        before, self._absences = self._absences, {}
        news = []
        for session in shown:
            since_ns = self._alone_since_ns(session, agents, now_ns)
            if since_ns is not None:
                absence = self._absences[session] = before.get(session) or _Absence(since_ns, since_ns)
                news += self._follow(session, absence, agents, now_ns)
        return news

    def _alone_since_ns(self, session: ShownSession, agents: AgentRegister, now_ns: int) -> int | None:
        """Since when the session is shown without the agent that should be there; None where it is there."""
        if session.uid == UNKNOWN_UID:
            return None
        if not agents.knows(session.uid) and self._settings.expected_of != "everybody":
            return None
        absent_ns = agents.absent_since_ns(session.uid, now_ns)
        return None if absent_ns is None else max(absent_ns, self._shown_since_ns[session])

    def _follow(
        self, session: ShownSession, absence: _Absence, agents: AgentRegister, now_ns: int
    ) -> list[AbsenceNews]:
        """Report one absence, and carry on with policy's answer to it."""
        if now_ns - absence.since_ns <= self._after_ns:
            return []
        moved_ns = self._movement.last_moved_ns(session.seat)
        is_moving = None if moved_ns is None else moved_ns >= absence.since_ns
        absent_ns = now_ns - absence.since_ns
        news = []
        if not absence.is_reported:
            absence.is_reported = True
            if agents.report_absence(session.uid):
                news.append(AbsenceNews(session, absent_ns, is_moving))
        if self._settings.answer == "alert":
            return news
        report = _finished(absence.attempt)
        if report is not None:
            absence.attempt = None
            if self._is_news(absence, report, moved_ns, now_ns):
                news.append(AbsenceNews(session, absent_ns, is_moving, report))
        # A keyboard, a touchpad or a touch screen moves no mouse: rest is taken for nobody's use for a while only.
        may_be_used = is_moving is not False or absent_ns > self._after_ns + _RESTING_NS
        if absence.attempt is None and may_be_used:
            absence.attempt = self._executor.submit(self._next_step(absence, now_ns), session)
        return news

    def _next_step(self, absence: _Absence, now_ns: int) -> Callable[[ShownSession], ScreenReport]:
        """What is done now: answer where the session has been open for long enough, else look whether it still is."""
        moving_since_ns = absence.moving_locked_since_ns
        if moving_since_ns is not None and now_ns - moving_since_ns > _DISBELIEVED_NS:
            return self._locker.show_greeter
        if now_ns - absence.open_since_ns <= self._after_ns:
            return self._locker.look
        return self._locker.lock if self._settings.answer == "lock" else self._locker.show_greeter

    def _is_news(self, absence: _Absence, report: ScreenReport, moved_ns: int | None, now_ns: int) -> bool:
        """Take up the outcome of the last step; whether it is worth an alert."""
        match report.outcome:
            case ScreenOutcome.NOT_TRIED:
                return False
            case ScreenOutcome.ALREADY_LOCKED:
                is_moving = moved_ns is not None and now_ns - moved_ns < _STILL_MOVING_NS
                began_ns = absence.moving_locked_since_ns
                absence.moving_locked_since_ns = (
                    (now_ns if began_ns is None else began_ns) if is_moving else None
                )
                if self._settings.answer == "lock":
                    # Who unlocks it has the time to start the agent.
                    absence.open_since_ns = now_ns
                return False
            case ScreenOutcome.FAILED:
                absence.open_since_ns = now_ns - max(0, self._after_ns - _RETRY_NS)
                is_same = report.tried == absence.failure and now_ns - absence.failure_ns < _SAME_FAILURE_NS
                if not is_same:
                    absence.failure, absence.failure_ns = report.tried, now_ns
                return not is_same
            case _:
                absence.open_since_ns, absence.moving_locked_since_ns = now_ns, None
                return True


def _finished(attempt: Future[ScreenReport] | None) -> ScreenReport | None:
    """The outcome of a step once it is there."""
    if attempt is None or not attempt.done():
        return None
    error = attempt.exception()
    if error is not None:
        return ScreenReport(ScreenOutcome.FAILED, (f"the attempt failed: {error!r}",))
    return attempt.result()
