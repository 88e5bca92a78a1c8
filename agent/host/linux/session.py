"""Session monitor on Linux: locks that are seen, sleep and user switches, from logind, screen savers and X windows."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from agent.engine.events import Boundary, Cause
from agent.engine.sentence import joined, sentence
from agent.host.linux.bus import SESSION, SYSTEM, Bus, BusError, Listening
from agent.host.linux.lock_state import LockState
from agent.host.linux.logind import LogindSession
from agent.host.linux.logind_delay import Delay, NoDelay
from agent.host.linux.session_signals import (
    SIGNAL_RULES,
    ActiveSession,
    LockClaim,
    SessionFact,
    Shutdown,
    read_signal,
)
from agent.host.linux.xcover import CoverWatch
from agent.host.locker import ScreenGone
from agent.language.language import mark

_COVER: Final = "X11"
_LOST: Final = {
    SYSTEM: mark(
        "the system bus went away: logind's locks, sleep and user switches are not noticed, and nobody can be "
        "asked for a password"
    ),
    SESSION: mark("the session bus went away: the desktop's locks are not noticed, and nothing is notified"),
    _COVER: mark("the X server was lost from sight: lockers' windows are not noticed"),
}
_FIRST_WAIT_S: Final = 1.0
_LONGEST_WAIT_S: Final = 30.0

_log = logging.getLogger(__name__)


class LinuxSession:
    """`SessionMonitor` over D-Bus and X11: a thread a bus, one for X and one that looks, asleep until there is news.

    Whoever says that the screen is locked only makes the last of these look: a lock that cannot be seen is reported
    and stops nothing. A source that goes away, or a thread that fails, is said within a second and taken up again
    after 1, 2, 4 … 30 s; what happened meanwhile is asked for. A source that was not there at the start is not looked
    for.

    Parameters
    ----------
    bus : Bus
    logind : LogindSession
    cover : CoverWatch
        Hears of lockers that tell no bus.
    is_shown : callable
        Whether a lock screen is seen now, None where it cannot be told. May block a second.
    clock : callable
        Monotonic nanoseconds.
    delay : Delay, optional
        Holds sleep and shutdown up for a moment; without it they wait for nobody.
    """

    def __init__(
        self,
        bus: Bus,
        logind: LogindSession,
        cover: CoverWatch,
        is_shown: Callable[[], bool | None],
        clock: Callable[[], int] = time.monotonic_ns,
        *,
        delay: Delay | None = None,
    ) -> None:
        self._delay = delay or NoDelay()
        self._shutdown_begins: Callable[[], None] = lambda: None
        self._bus = bus
        self._cover = cover
        self._is_shown = is_shown
        self._clock = clock
        self._logind = logind
        self._session_path = ""
        self._active = True
        self._listening: dict[str, Listening] = {}
        self._threads: list[threading.Thread] = []
        self._news = threading.Condition()
        self._claims: list[LockClaim] = []
        self._telling = threading.Lock()
        self._away: dict[str, str] = {}
        self._ended = threading.Event()

    def start(
        self,
        on_boundary: Callable[[Boundary], None],
        on_deaf: Callable[[str], None],
        on_unseen_lock: Callable[[str], None],
    ) -> None:
        """See `SessionMonitor.start`. Without any bus nothing is told; `notes` of the services say so."""
        self._on_boundary, self._on_deaf, self._on_unseen_lock = on_boundary, on_deaf, on_unseen_lock
        session = self._logind.find()
        self._session_path = session.path if session else ""
        for bus in (SYSTEM, SESSION):
            try:
                self._listening[bus] = self._bus.listen(bus, SIGNAL_RULES[bus])
            except BusError as why:
                _log.info("no session signals from the %s bus: %s", bus.lower(), why)
                continue
            self._begin(bus, lambda name=bus: self._follow_bus(name))  # type: ignore[misc]
        if self._cover.open():
            self._begin(_COVER, self._follow_cover)
        # An agent may start behind another user's screen, and hears of no change then.
        self._ask_who_is_shown()
        if self._session_path and self._logind.locked_hint():
            self._claim(LockClaim("LockedHint", True))
        self._begin("lock", self._look)
        self._delay.hold()

    def listen_shutdown(self, begins: Callable[[], None]) -> None:
        """Call `begins` when the computer begins to shut down, from the thread of the system bus."""
        self._shutdown_begins = begins

    def is_locked(self) -> bool | None:
        """See `SessionMonitor.is_locked`: what is seen, whatever is said."""
        return self._is_shown()

    def stop(self) -> None:
        """See `SessionMonitor.stop`."""
        self._ended.set()
        with self._news:
            self._news.notify_all()
        self._cover.stop()
        self._delay.release()
        for listening in list(self._listening.values()):
            listening.close()
        for thread in self._threads:
            thread.join(0.4)

    def _begin(self, source: str, follow: Callable[[], None]) -> None:
        thread = threading.Thread(
            target=self._keep, args=(source, follow), name=f"steadyhand-{source}", daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def _keep(self, source: str, follow: Callable[[], None]) -> None:
        """Follow one source for as long as the monitor runs, whatever ends it."""
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                follow()
                return
            except (BusError, ScreenGone) as why:
                _log.warning("%s: %s", source, why)
                lost = _LOST[source]
            except Exception as why:  # noqa: BLE001  a thread that ends unsaid would leave the agent deaf for good
                _log.exception("the thread for %s failed", source)
                lost = f"what tells of locks and sleep failed and begins anew ({source}: {why!r})"
            if self._ended.is_set():
                return
            self._is_away(source, lost)
            if self._ended.wait(wait_s):
                return
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)

    def _follow_bus(self, bus: str) -> None:
        if bus not in self._listening:
            self._listening[bus] = self._bus.listen(bus, SIGNAL_RULES[bus])
            if self._ended.is_set():
                self._listening[bus].close()
        if self._away.get(bus):
            self._is_away(bus, "")
            self._ask(bus)
        try:
            for signal in self._listening[bus].signals():
                for fact in read_signal(signal, self._session_path, self._clock()):
                    self._take(fact)
        finally:
            self._listening.pop(bus).close()

    def _follow_cover(self) -> None:
        self._is_away(_COVER, "")
        self._cover.follow(lambda covered: self._claim(LockClaim(_COVER, covered)))

    def _take(self, fact: SessionFact) -> None:
        if isinstance(fact, LockClaim):
            self._claim(fact)
        elif isinstance(fact, ActiveSession):
            self._is_active(fact.active)
        elif isinstance(fact, Shutdown):
            if fact.begins:
                self._shutdown_begins()
            self._delay.follow(begins=fact.begins)
        else:
            self._tell(fact)
            if fact.cause is Cause.SLEEP:
                self._delay.follow(begins=fact.detail == "begins")

    def _claim(self, claim: LockClaim) -> None:
        with self._news:
            # The last word of each counts: a flood of claims costs one look.
            self._claims = [waiting for waiting in self._claims if waiting.claimant != claim.claimant]
            self._claims.append(claim)
            self._news.notify_all()

    def _look(self) -> None:
        """Look at the screen whenever somebody says that it was locked or unlocked, and while it is."""
        state = LockState(self._clock())
        while not self._ended.is_set():
            for news in state.look(self._is_shown(), self._clock()):
                if isinstance(news, Boundary):
                    self._tell(news)
                else:
                    self._on_unseen_lock(news.line)
            self._is_away("lock", "")
            with self._news:
                if not self._claims and not self._ended.is_set():
                    self._news.wait(state.next_look_s(self._clock()))
                claims, self._claims = self._claims, []
            for claim in claims:
                state.claim(claim, self._clock())

    def _ask(self, bus: str) -> None:
        """What may have changed unheard."""
        if bus == SYSTEM:
            self._ask_who_is_shown()
            self._claim(LockClaim("LockedHint", self._logind.locked_hint() is True))
        else:
            self._claim(LockClaim("the session", False))

    def _ask_who_is_shown(self) -> None:
        self._is_active(self._logind.is_active() is not False)

    def _is_active(self, active: bool) -> None:
        if active is self._active:
            return
        self._active = active
        cause, detail = (Cause.USER_BACK, "back") if active else (Cause.USER_SWITCH, "away")
        self._tell(Boundary(self._clock(), cause, detail))

    def _is_away(self, source: str, lost: str) -> None:
        with self._telling:
            if self._away.get(source, "") != lost:
                self._away[source] = lost
                self._on_deaf(joined(*map(sentence, filter(None, self._away.values()))))

    def _tell(self, boundary: Boundary) -> None:
        """Tell one boundary, one thread at a time."""
        with self._telling:
            self._on_boundary(boundary)
