"""Heartbeat: one sign of life a minute, and alerts about changes of the agent's installation and resources."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from agent.alerts.alert import AlertKind
from agent.config.fingerprints import Installation
from agent.engine.sentence import quantity
from agent.files.ledger import Gone
from agent.host.servicemanager import ServiceManager
from agent.host.usage import Usage
from agent.runtime.lifecycle.resource_budget import (
    ClockReading,
    ResourceBudget,
    clock_step_s,
    profile_changes,
    rate_per_s,
)
from agent.runtime.lifecycle.restart import OVER_BUDGET, Restarter
from agent.runtime.pipeline.orders import OrderQueue, WorkerOrder
from agent.runtime.pipeline.ports import AlertSink
from agent.runtime.response.alert_wording import AlertWording
from agent.runtime.status.snapshot import Command, State, Status


class Observation(Protocol):
    """Source of a heartbeat's readings. In the agent: `lifecycle.self_observation.SelfObservation`."""

    def clock(self) -> ClockReading:
        """Both clocks now."""

    def usage(self) -> Usage:
        """CPU time and memory of this process."""

    def installation(self) -> Installation:
        """Hashes of policies and profiles. Blocks as long as the disk takes."""

    def status(self) -> Status:
        """The newest snapshot, with the depth of the outbox and the last lock."""

    def gone_recordings(self) -> Gone:
        """The recordings that have gone since the last call. Blocks as long as the disk takes."""

    def damaged_files(self) -> tuple[str, ...]:
        """A line for each file that was damaged and set aside. Blocks as long as the disk takes."""


class HeartbeatEffects(Protocol):
    """Effects of what a heartbeat notices. In the agent: `RunningHeartbeatEffects`."""

    def policy_changed(self) -> None:
        """Have the policy read again. Called once for each change; returns at once."""

    def profiles_changed(self) -> None:
        """Have the profiles selected again. Called once for each change; returns at once."""

    def over_budget(self) -> None:
        """Restart: the agent has used too much for too long. Returns at once."""

    def alive(self, state: str) -> None:
        """Tell the service manager. Blocks 200 ms at most."""


class RunningHeartbeatEffects:
    """Effects on the running agent.

    Parameters
    ----------
    policy_changed : threading.Event
        Set to wake the polling thread, which reads the policy.
    orders : OrderQueue
    restarter : Restarter
    manager : ServiceManager
    look_at_program : callable, optional
        Notices that the program's files were replaced.
    """

    def __init__(
        self,
        policy_changed: threading.Event,
        orders: OrderQueue,
        restarter: Restarter,
        manager: ServiceManager,
        look_at_program: Callable[[], None] | None = None,
    ) -> None:
        self._look_at_program = look_at_program
        self._policy_changed = policy_changed
        self._orders = orders
        self._restarter = restarter
        self._manager = manager

    def policy_changed(self) -> None:
        """See `HeartbeatEffects`."""
        self._policy_changed.set()

    def profiles_changed(self) -> None:
        """See `HeartbeatEffects`."""
        self._orders.put(WorkerOrder(Command.RELOAD))

    def over_budget(self) -> None:
        """See `HeartbeatEffects`."""
        self._restarter.restart(OVER_BUDGET)

    def alive(self, state: str) -> None:
        """See `HeartbeatEffects`."""
        self._manager.alive(state)
        if self._look_at_program is not None:
            self._look_at_program()


class Heartbeat:
    """Raises a heartbeat on each call, and an alert for every change that should not have happened.

    Worker thread, but for `accept_profiles` and `report_rate`.

    Parameters
    ----------
    wording : AlertWording
    alerts : AlertSink
    observation : Observation
    effects : HeartbeatEffects
    reports_rate : bool
        Whether the heartbeat reports events a second, which is a figure of activity.
    """

    def __init__(
        self,
        wording: AlertWording,
        alerts: AlertSink,
        observation: Observation,
        effects: HeartbeatEffects,
        *,
        reports_rate: bool,
    ) -> None:
        self._wording = wording
        self._alerts = alerts
        self._observation = observation
        self._effects = effects
        self._reports_rate = reports_rate
        self._begun: ClockReading | None = None

    def begin(self) -> None:
        """Take the present installation as the reference. Once, before the first beat."""
        self._at = self._begun = self._observation.clock()
        self._budget = ResourceBudget(self._observation.usage(), self._at)
        self._installed = self._observation.installation()
        self._events = self._observation.status().events
        self._beats = 0
        self._damaged: frozenset[str] = frozenset()
        self._check_recordings()
        self._check_damage()

    def accept_profiles(self) -> None:
        """Take the present profiles as the reference: the agent itself has just put one in place. Any thread."""
        self._installed = replace(self._installed, profiles=self._observation.installation().profiles)

    def report_rate(self, *, reports_rate: bool) -> None:
        """Whether the next heartbeats report events a second. Any thread."""
        self._reports_rate = reports_rate

    def beat(self) -> None:
        """Check for changes, and give the sign of life. About once a minute."""
        now = self._observation.clock()
        usage = self._observation.usage()
        self._check_clock(now)
        self._check_installation()
        self._check_recordings()
        self._check_damage()
        if excess := self._budget.exceeded(usage, now):
            self._alert(AlertKind.OVER_BUDGET, f"The agent uses {excess}")
            self._effects.over_budget()
        status = self._observation.status()
        self._give_sign(status, now, usage)
        self._effects.alive(status.state.value)
        self._at = now

    def _check_clock(self, now: ClockReading) -> None:
        step_s = clock_step_s(self._at, now)
        if step_s:
            direction = "forward" if step_s > 0 else "back"
            message = f"The clock was set {abs(step_s):.0f} s {direction}"
            self._alert(AlertKind.CLOCK_STEPPED, message, step_s=round(step_s))

    def _check_installation(self) -> None:
        before, now = self._installed, self._observation.installation()
        self._installed = now
        for problem in now.problems:
            if problem not in before.problems:
                self._alert(AlertKind.POLICY_REJECTED, problem)
        if now.policy != before.policy:
            message = "The policy has changed"
            self._alert(AlertKind.POLICY_CHANGED, message, before=before.policy, now=now.policy)
        if (now.policy, now.problems) != (before.policy, before.problems):
            self._effects.policy_changed()
        changes = list(profile_changes(before, now))
        for line in changes:
            self._alert(AlertKind.PROFILE_CHANGED, line[:1].upper() + line[1:])
        if changes:
            self._effects.profiles_changed()

    def _check_recordings(self) -> None:
        """Report erased recordings, also those erased while no agent ran: nothing is learnt from them."""
        gone = self._observation.gone_recordings()
        if gone.by_owner:
            recordings = quantity(gone.by_owner, "recording was", "recordings were")
            message = f"{recordings} erased by the owner, who proved who they are"
            self._alert(AlertKind.RECORDINGS_ERASED, message, authenticated=True, recordings=gone.by_owner)
        if gone.by_nobody:
            recordings = quantity(gone.by_nobody, "recording has", "recordings have")
            message = f"{recordings} gone, and nobody proved who they are for it"
            self._alert(AlertKind.RECORDINGS_ERASED, message, authenticated=False, recordings=gone.by_nobody)

    def _check_damage(self) -> None:
        lines = self._observation.damaged_files()
        for line in lines:
            if line not in self._damaged:
                self._alert(AlertKind.STATE_DAMAGED, line)
        self._damaged = frozenset(lines)

    def _give_sign(self, status: Status, now: ClockReading, usage: Usage) -> None:
        assert self._begun is not None
        self._beats += 1
        detail: dict[str, object] = {
            "beat": self._beats,
            "uptime_s": round((now.boot_ns - self._begun.boot_ns) / 1e9),
            "sees": status.state is not State.CANNOT_SEE,
            "mode": status.mode,
            "outbox_depth": status.waiting_alerts,
            "last_lock": status.last_lock,
            "policy_hash": self._installed.policy,
            "profile_id": status.profile_id,
            "profile_hashes": sorted((self._installed.profiles or {}).values()),
            "rss_mb": usage.rss_mb and round(usage.rss_mb, 1),
        }
        if self._reports_rate:
            # Minute by minute, each of these follows what the person does.
            detail["events_per_s"] = rate_per_s(self._events, status.events, self._at, now)
            detail["cpu_percent"] = self._budget.cpu_percent
            detail["state"] = status.state.value
        self._events = status.events
        blind = "" if detail["sees"] else ", and cannot see the mouse"
        self._alert(AlertKind.HEARTBEAT, f"The agent is alive{blind}", **detail)

    def _alert(self, kind: AlertKind, message: str, **detail: object) -> None:
        self._alerts.alert(self._wording.health(kind, message, **detail))
