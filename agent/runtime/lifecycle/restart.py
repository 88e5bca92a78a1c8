"""The agent looking after itself: signs of life, how runs begin and end, and beginning anew where that helps."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Final

from agent.alerts.alert import Alert
from agent.alerts.chained_delivery import Before
from agent.config.fingerprints import Fingerprints
from agent.files.ledger import RecordingLedger
from agent.files.paths import Paths
from agent.host.servicemanager import ServiceManager
from agent.host.usage import own_usage
from agent.runtime.lifecycle.heartbeat import Consequences, Heartbeat, Senses
from agent.runtime.lifecycle.resource_budget import Clock
from agent.runtime.lifecycle.run_alerts import confirmed, restarted, stopped
from agent.runtime.response.alert_wording import Wording
from agent.runtime.status.snapshot import Command
from agent.runtime.status.status_merge import StatusMerge

_POLICY: Final = (
    "a policy has changed where alerts go or which lockers are tried: that holds from the next start"
)
_BUDGET: Final = "the agent uses more of this computer than it may: see its alerts"


class Lifecycle:
    """Signs of life to the security team and the service manager, and alerts about the agent's own runs.

    Parameters
    ----------
    paths : Paths
    wording : Wording
    alert : callable
        Reports one; returns at once.
    order : callable
        Asks the worker for something.
    board : StatusMerge
    manager : ServiceManager
        Whoever starts the agent again after it ended.
    tells_rate : bool
        See `Heartbeat`.
    policy_changed : callable
        Told when a policy is no longer what it was. Worker thread; must return at once.
    """

    def __init__(
        self,
        paths: Paths,
        wording: Wording,
        alert: Callable[[Alert], object],
        order: Callable[[Command], None],
        board: StatusMerge,
        manager: ServiceManager,
        *,
        tells_rate: bool,
        policy_changed: Callable[[], None],
    ) -> None:
        self._wording = wording
        self._alert = alert
        self._order = order
        self._board = board
        self._manager = manager
        self._quit_proven = False
        senses = Senses(
            boot_and_wall,
            own_usage,
            Fingerprints(paths).look,
            lambda: board.status,
            RecordingLedger(paths).gone,
        )
        consequences = Consequences(
            alert,
            policy_changed,
            partial(order, Command.RELOAD),
            partial(self._begin_anew, _BUDGET),
        )
        self._heartbeat = Heartbeat(wording, senses, consequences, tells_rate=tells_rate)

    def begin(self, before: Before) -> None:
        """Report how the run before ended, and take what is installed as how it should be. Once, first."""
        self._raise(restarted(before, boot_and_wall(), self._wording))
        self._heartbeat.begin()

    def ready(self) -> None:
        """Everything runs."""
        self._manager.ready()

    def beat(self) -> None:
        """One sign of life. Worker thread."""
        self._heartbeat.beat()
        self._manager.alive(self._board.status.state.value)

    def accept_profiles(self) -> None:
        """The agent itself has just put a profile in place."""
        self._heartbeat.accept_profiles()

    def tell_rate(self, *, tells_rate: bool) -> None:
        """See `Heartbeat.tell_rate`."""
        self._heartbeat.tell_rate(tells_rate=tells_rate)

    def begin_anew_for_policy(self) -> None:
        """A policy has changed what only a new start can take up."""
        self._begin_anew(_POLICY)

    def confirmed(self, command: Command) -> None:
        """A proven identity allowed `command`."""
        self._quit_proven |= command is Command.QUIT
        self._raise(confirmed(command, self._wording))

    def stopping(self) -> None:
        """The end has begun."""
        self._manager.stopping()

    def last_word(self, *, told: bool) -> Alert | None:
        """What to report at the end; None where the owner's proven wish has been reported.

        Parameters
        ----------
        told : bool
            False if an error ended the agent.
        """
        return None if self._quit_proven else stopped(told, self._wording)

    @property
    def ends_for_good(self) -> bool:
        """True after the owner ended it with a proven identity, where any other end is undone."""
        return self._quit_proven and self._manager.restarts_us

    def _begin_anew(self, why: str) -> None:
        """End, where somebody starts the agent again at once; elsewhere only say why it should be."""
        self._board.note(why, holds=True)
        if self._manager.restarts_us:
            self._order(Command.QUIT)

    def _raise(self, alert: Alert | None) -> None:
        if alert is not None:
            self._alert(alert)


def boot_and_wall() -> Clock:
    """The clock that counts sleep too, where there is one, and the wall clock."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return Clock(time.monotonic_ns() if boot is None else time.clock_gettime_ns(boot), time.time_ns())
