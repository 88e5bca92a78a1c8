"""Relay's life: the relay's own intake on one computer, fed with what the agent raises and with the screen's state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from agent.alerts.alert import Alert
from agent.alerts.hash_chain import Link, sealed
from agent.alerts.wire import alert_to_json
from agent.config.absence_settings import AbsenceSettings
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.relay.accounts import Accounts, RelayAccount
from agent.relay.active_sessions import AccountsHere, ShownSession
from agent.relay.agent_register import AgentRegister
from agent.relay.connections import Peer
from agent.relay.intake import Intake
from agent.relay.register_file import RegisterFile
from agent.relay.screen_locker import ScreenLocker
from agent.relay.server import TICK_S
from agent.relay.session_ends import SessionEnds
from agent.relay.session_guard import SessionGuard
from bench.fleet.agent_life import Raised
from bench.fleet.happenings import Happening, History, Turn

_UID = 1000
_ENDS_PROCESS = frozenset(
    {
        Happening.LOGOUT,
        Happening.UPDATE,
        Happening.QUIT,
        Happening.AGENT_CRASH,
        Happening.KILLED,
        Happening.KILLED_FOR_GOOD,
        Happening.ENDED_FOR_GOOD,
        Happening.ERASED,
    }
)


class KeptRegister(RegisterFile):
    """The register's file, in memory."""

    def __init__(self) -> None:
        super().__init__(Path("agents.json"), "")
        self._document: object = None
        self.boots = 0

    def load(self, now_ns: int) -> tuple[AgentRegister, str]:
        """See `RegisterFile.load`."""
        if self._document is None:
            return AgentRegister(), ""
        return AgentRegister.from_json(self._document, str(self.boots), now_ns), ""

    def save(self, register: AgentRegister) -> None:
        """See `RegisterFile.save`."""
        self._document = register.to_json(str(self.boots))


class NobodyLooks:
    """See `MovementWitness`: without the mouse service."""

    def last_moved_ns(self, seat: str) -> int | None:
        """See `MovementWitness.last_moved_ns`."""
        return None


class RelayLife:
    """The relay of one computer. Its clock stands still while the computer sleeps.

    Parameters
    ----------
    history : History
    chain : str
        UUID.
    seals : bool
        See `AgentLife`.
    """

    def __init__(self, history: History, chain: str, *, seals: bool) -> None:
        self._history = history
        self._seals = seals
        self._peer = Peer(RelayAccount(_UID, f"user{history.computer.number:03}"), _UID, 4242)
        self._link = Link(chain)
        self._register = KeptRegister()
        self._passed: list[Raised] = []
        self._at_s = self._slept_s = self._paused_s = self._tick_s = 0.0
        self._error_s = history.computer.clock_error_s
        self._is_up = self._is_paused = self._is_shown = False
        # Never used: by default the relay only alerts.
        self._executor = ThreadPoolExecutor(1)
        self._intake = self._begun()

    def pass_on(self, raised: Iterable[Raised]) -> Iterator[Raised]:
        """The agent's alerts and the relay's own, in order, sealed by the relay."""
        turns = iter(self._history.turns)
        turn = next(turns, None)
        for alert in raised:
            while turn is not None and turn.at_s <= alert.true_s:
                yield from self._tick_until(turn.at_s)
                self._turn(turn)
                turn = next(turns, None)
            yield from self._tick_until(alert.true_s)
            self._at_s = alert.true_s
            if self._is_up:
                self._intake.answer(alert_to_json(alert.alert).encode(), self._peer)
            yield from self._drain()
        while turn is not None:
            yield from self._tick_until(turn.at_s)
            self._turn(turn)
            turn = next(turns, None)

    def submit(self, alert: Alert) -> None:
        """See `Delivery.submit`."""
        ready = alert
        if self._seals:
            ready, self._link = sealed(alert, self._link)
        self._passed.append(Raised(self._at_s, ready))

    def depth(self) -> int:
        """See `Delivery.depth`."""
        return 0

    def problems(self) -> tuple[str, ...]:
        """See `Delivery.problems`."""
        return ()

    def settle(self) -> bool:
        """See `Delivery.settle`."""
        return True

    def close(self, flush_s: float) -> None:
        """See `Delivery.close`."""

    def _begun(self) -> Intake:
        intake = Intake(
            self,
            self._register,
            self._history.computer.name,
            lambda: round((self._at_s - self._slept_s) * 1e9),
            lambda: round((self._at_s + self._error_s) * 1e9),
            SessionGuard(
                AbsenceSettings(),
                lambda: (ShownSession("1", _UID, "seat0"),) if self._is_shown else (),
                ScreenLocker(JeepneyBus({})),
                NobodyLooks(),
                self._executor,
            ),
            accounts=Accounts(lambda _: self._peer.account),
            session_ends=SessionEnds(self._here),
        )
        intake.begin()
        return intake

    def _here(self) -> AccountsHere:
        logged_in = frozenset({_UID}) if self._is_shown else frozenset[int]()
        return AccountsHere(logged_in, logged_in)

    def _drain(self) -> list[Raised]:
        drained, self._passed = self._passed, []
        return drained

    def _tick_until(self, until_s: float) -> Iterator[Raised]:
        while self._is_up and not self._is_paused and self._tick_s < until_s:
            self._at_s = max(self._tick_s, self._at_s)
            self._intake.tick()
            self._tick_s = self._at_s + TICK_S
            yield from self._drain()

    def _turn(self, turn: Turn) -> None:
        self._at_s = turn.at_s
        happening = turn.happening
        if happening in _ENDS_PROCESS:
            self._intake.process_ended(_UID)
        if happening is Happening.POWER_ON:
            self._register.boots += 1
            self._slept_s, self._is_paused, self._is_up = 0.0, False, True
            self._intake, self._tick_s = self._begun(), turn.at_s + 5.0
        elif happening in (Happening.SHUTDOWN, Happening.POWER_LOST):
            if happening is Happening.SHUTDOWN:
                # The agent's last word still gets through: its session ends before the system's services do.
                self._at_s += 2.0
                self._intake.save()
            self._is_up = self._is_up and happening is Happening.SHUTDOWN
            self._is_shown, self._is_paused = False, True
        elif happening in (Happening.SLEEP, Happening.FREEZE):
            self._is_paused, self._paused_s = True, turn.at_s
        elif happening in (Happening.WAKE, Happening.THAW):
            self._slept_s += turn.at_s - self._paused_s
            self._is_paused, self._tick_s = False, turn.at_s + 0.2
        elif happening is Happening.CLOCK_SET:
            self._error_s = turn.step_s
        elif happening in (Happening.LOGIN, Happening.LOGOUT):
            self._is_shown = happening is Happening.LOGIN
