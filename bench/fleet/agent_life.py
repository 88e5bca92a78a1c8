"""Agent's life: what the agent on one computer raises while a history happens to it, by the agent's own code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from agent.alerts.alert import Activity, Alert, AlertKind, Severity
from agent.alerts.chained_delivery import Before
from agent.alerts.hash_chain import Link, sealed
from agent.engine.events import Boundary, Cause
from agent.files.version import ProgramVersion
from agent.host.api import LockReport, LockResult
from agent.runtime.lifecycle.heartbeat import Heartbeat
from agent.runtime.lifecycle.run_alerts import EndOfRun, confirmed, restarted, stopped, upgraded
from agent.runtime.pipeline.boundary_alerts import alert_of
from agent.runtime.response.alert_wording import AlertWording
from agent.runtime.status.snapshot import Command
from bench.fleet.happenings import FleetComputer, History, Turn
from bench.fleet.machine_state import MachineState, NoEffects

BEAT_S = 60.0
_RESTART_S = 1.0


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert of the agent.

    Attributes
    ----------
    true_s : float
        When it was on disk, true time.
    alert : Alert
        Sealed, with the time that the computer's clock showed.
    wipes : bool
        The agent's state had been erased before it: what waited is gone.
    """

    true_s: float
    alert: Alert
    wipes: bool = False


class AgentLife:
    """The agent of one computer. Heartbeats, restarts, sleep and ends are worded by the agent's own classes.

    Parameters
    ----------
    computer : FleetComputer
    random : Random
    seals : bool
        False to save the time that a hash chain takes, where nothing verifies it.
    """

    def __init__(self, computer: FleetComputer, random: Random, *, seals: bool) -> None:
        self._random = random
        self._seals = seals
        # Some desktops have no target that tells a signal from the end of the session.
        self._has_target = computer.number % 6 != 0
        self._machine = MachineState(computer.clock_error_s)
        self._raised: list[Raised] = []
        self._link = Link(str(draw_identifier(random)))
        self._before = Before()
        self._updates = 0
        self._runs = self._wiped = False
        self._logins = 0
        # Where the tray's display goes away before the agent is told to end: seen in GNOME and sway, on Wayland.
        self._loses_display = computer.number % 2 == 0
        self._due_s = self._left_s = 0.0
        origin = {
            "uid": "1000",
            "fqdn": f"{computer.name}.corp.example",
            "ip": f"10.0.0.{computer.number % 250}",
        }
        user = f"user{computer.number:03}"
        self._wording = AlertWording(user, computer.name, self._machine.wall_ns, origin=origin)

    def live(self, history: History) -> Iterator[Raised]:
        """What is raised during the history, in order."""
        for turn in history.turns:
            yield from self._beats(turn.at_s)
            self._machine.at_s = turn.at_s
            getattr(self, f"_{turn.happening.name.lower()}")(turn)
            yield from self._drain()

    @property
    def _program(self) -> ProgramVersion:
        return ProgramVersion(f"0.1.{self._updates}")

    def _drain(self) -> list[Raised]:
        drained, self._raised = self._raised, []
        return drained

    def _beats(self, until_s: float) -> Iterator[Raised]:
        while self._runs and self._machine.is_awake and self._due_s < until_s:
            self._machine.at_s = self._due_s
            self._heartbeat.beat()
            self._due_s += BEAT_S + self._random.uniform(0.0, 0.05)
            yield from self._drain()

    def alert(self, alert: Alert) -> None:
        """See `AlertSink.alert`: the alert goes to disk at once."""
        ready = alert
        if self._seals:
            ready, self._link = sealed(alert, self._link)
        self._raised.append(Raised(self._machine.at_s, ready, self._wiped))
        self._wiped = False
        self._before = replace(
            self._before,
            known=True,
            last_unix_ns=alert.time_unix_ns,
            session=str(self._logins),
            program=self._program,
        )

    def _power_on(self, turn: Turn) -> None:
        self._machine.boot()

    def _login(self, turn: Turn) -> None:
        self._logins += 1
        self._start(self._random.uniform(1.0, 6.0))

    def _start(self, after_s: float) -> None:
        self._machine.at_s += after_s
        session = str(self._logins)
        if change := upgraded(self._before, self._program, self._wording):
            self.alert(change)
        if killed := restarted(self._before, self._machine.clock(), self._wording, session):
            self.alert(killed)
        self._heartbeat = Heartbeat(self._wording, self, self._machine, NoEffects(), reports_rate=False)
        self._heartbeat.begin()
        self.alert(self._wording.health(AlertKind.STARTED, "The agent started"))
        self._before = replace(self._before, ended=False)
        self._runs, self._machine.is_awake = True, True
        self._due_s = self._machine.at_s + BEAT_S

    def _end(self, final: Alert | None) -> None:
        if not self._runs:
            return
        if final is not None:
            self._machine.at_s += self._random.uniform(0.1, 1.0)
            self.alert(final)
            self._before = replace(self._before, ended=True)
        self._runs = False

    def _stop(self, end: EndOfRun) -> None:
        self._end(stopped(end, self._wording))

    def _sleep(self, turn: Turn) -> None:
        self._machine.is_awake = False
        if self._runs:
            self._left_s = max(0.0, self._due_s - turn.at_s)
            self._boundary("begins")

    def _wake(self, turn: Turn) -> None:
        self._machine.is_awake = True
        if self._runs:
            self._due_s = turn.at_s + self._left_s
            self._boundary("ends")

    def _boundary(self, detail: str) -> None:
        self._machine.at_s += self._random.uniform(0.005, 0.1)
        if raised := alert_of(Boundary(0, Cause.SLEEP, detail)):
            kind, message = raised
            self.alert(self._wording.health(kind, message, held_back=0))

    def _logout(self, turn: Turn) -> None:
        if self._loses_display:
            self._runs = False
        else:
            self._stop(EndOfRun.SESSION_END)

    def _shutdown(self, turn: Turn) -> None:
        self._stop(EndOfRun.SHUTDOWN)
        self._machine.is_awake = False

    def _power_lost(self, turn: Turn) -> None:
        self._runs = self._machine.is_awake = False

    def _update(self, turn: Turn) -> None:
        if self._runs:
            self._stop(EndOfRun.RESTART)
            self._updates += 1
            self._start(_RESTART_S)

    def _agent_crash(self, turn: Turn) -> None:
        self._killed(turn)

    def _killed(self, turn: Turn) -> None:
        if self._runs:
            self._runs = False
            self._start(_RESTART_S + self._random.uniform(0.2, 1.5))

    def _killed_for_good(self, turn: Turn) -> None:
        self._runs = False

    def _stopped_still(self, turn: Turn) -> None:
        self._runs = False

    def _ended_for_good(self, turn: Turn) -> None:
        self._stop(EndOfRun.SIGNAL if self._has_target else EndOfRun.UNKNOWN)

    def _erased(self, turn: Turn) -> None:
        self._runs = False
        self._before, self._wiped = Before(), True
        self._link = Link(str(draw_identifier(self._random)))

    def _repaired(self, turn: Turn) -> None:
        if not self._runs:
            self._start(1.0)

    def _quit(self, turn: Turn) -> None:
        self._end(confirmed(Command.QUIT, self._wording))

    def _freeze(self, turn: Turn) -> None:
        self._machine.freeze()
        self._left_s = max(0.0, self._due_s - turn.at_s)

    def _thaw(self, turn: Turn) -> None:
        self._machine.thaw()
        self._due_s = turn.at_s + self._left_s

    def _clock_set(self, turn: Turn) -> None:
        self._machine.clock_error_s = turn.step_s

    def _policy(self, turn: Turn) -> None:
        self._machine.change_policy()

    def _false_alarm(self, turn: Turn) -> None:
        """The owner is taken for somebody else: the screen locks, and opens with the owner's password."""
        if not self._runs:
            return
        message = "The mouse is moved unlike its owner: 90 actions in 240 s"
        finding = self._wording.health(AlertKind.INTRUDER, message, verdict="intruder", trust=4)
        self.alert(finding)
        self._machine.at_s += 1.0
        locked = LockReport(LockResult.LOCKED, "gnome", 1, ("gnome: locked",))
        self.alert(self._wording.lock_result(finding, locked, seconds=0.9))
        self._machine.at_s += 20.0
        answer = replace(finding, record_id=str(draw_identifier(self._random)), activity=Activity.CLOSE)
        self.alert(replace(answer, severity=Severity.LOW, time_unix_ns=self._machine.wall_ns()))


def draw_identifier(random: Random) -> str:
    """A UUID that follows from the seed."""
    figures = f"{random.getrandbits(128):032x}"
    return "-".join((figures[:8], figures[8:12], figures[12:16], figures[16:20], figures[20:]))
