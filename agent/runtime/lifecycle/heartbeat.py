"""One sign of life a minute, and what the agent notices about itself meanwhile. Worker thread only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from agent.alerts.alert import Alert, AlertKind
from agent.config.fingerprints import Installation
from agent.files.ledger import Gone
from agent.host.usage import Usage
from agent.runtime.lifecycle.resource_budget import Budget, Clock, clock_step_s, profile_changes, rate_per_s
from agent.runtime.response.alert_wording import Wording
from agent.runtime.status.snapshot import Status


@dataclass(frozen=True, slots=True)
class Senses:
    """Where a heartbeat gets what it says.

    Attributes
    ----------
    clock : callable
        Both clocks now.
    usage : callable
        What the process uses.
    look : callable
        What is installed; may block as long as the disk takes.
    status : callable
        The newest snapshot, with the depth of the outbox and the last lock.
    gone : callable
        The recordings that have gone since it was last asked; may block as long as the disk takes.
    """

    clock: Callable[[], Clock]
    usage: Callable[[], Usage]
    look: Callable[[], Installation]
    status: Callable[[], Status]
    gone: Callable[[], Gone]


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows from what was noticed.

    Attributes
    ----------
    alert : callable
    policy_changed, profiles_changed : callable
        Told once for each change.
    over_budget : callable
        Told when the agent has used too much for too long.
    """

    alert: Callable[[Alert], object]
    policy_changed: Callable[[], None]
    profiles_changed: Callable[[], None]
    over_budget: Callable[[], None]


class Heartbeat:
    """Raises a heartbeat each time it is told to, and an alert for everything that should not have happened.

    Parameters
    ----------
    wording : Wording
    senses : Senses
    consequences : Consequences
    tells_rate : bool
        Whether the heartbeat tells events a second, which is a figure of activity.
    """

    def __init__(
        self, wording: Wording, senses: Senses, consequences: Consequences, *, tells_rate: bool
    ) -> None:
        self._wording = wording
        self._senses = senses
        self._consequences = consequences
        self._tells_rate = tells_rate
        self._begun: Clock | None = None

    def begin(self) -> None:
        """Take what is there now as how it should be. Once, before the first beat."""
        self._at = self._begun = self._senses.clock()
        self._budget = Budget(self._senses.usage(), self._at)
        self._installed = self._senses.look()
        self._events = self._senses.status().events
        self._beats = 0
        self._notice_erased()

    def accept_profiles(self) -> None:
        """The agent itself has just put a profile in place, and has said so."""
        self._installed = replace(self._installed, profiles=self._senses.look().profiles)

    def tell_rate(self, *, tells_rate: bool) -> None:
        """Whether the next heartbeats tell events a second. Any thread."""
        self._tells_rate = tells_rate

    def beat(self) -> None:
        """Notice, and give the sign of life. About once a minute."""
        now = self._senses.clock()
        usage = self._senses.usage()
        self._notice_clock(now)
        self._notice_files()
        self._notice_erased()
        if over := self._budget.exceeded(usage, now):
            self._alert(AlertKind.OVER_BUDGET, f"The agent uses {over}")
            self._consequences.over_budget()
        self._give_sign(now, usage)
        self._at = now

    def _notice_clock(self, now: Clock) -> None:
        step_s = clock_step_s(self._at, now)
        if step_s:
            way = "forward" if step_s > 0 else "back"
            self._alert(
                AlertKind.CLOCK_STEPPED, f"The clock was set {abs(step_s):.0f} s {way}", step_s=round(step_s)
            )

    def _notice_files(self) -> None:
        before, now = self._installed, self._senses.look()
        self._installed = now
        for problem in now.problems:
            if problem not in before.problems:
                self._alert(AlertKind.POLICY_REJECTED, problem)
        if now.policy != before.policy:
            self._alert(
                AlertKind.POLICY_CHANGED, "The policy has changed", before=before.policy, now=now.policy
            )
        if (now.policy, now.problems) != (before.policy, before.problems):
            self._consequences.policy_changed()
        changes = list(profile_changes(before, now))
        for line in changes:
            self._alert(AlertKind.PROFILE_CHANGED, line[:1].upper() + line[1:])
        if changes:
            self._consequences.profiles_changed()

    def _notice_erased(self) -> None:
        """What was erased is not learnt from: said also where it happened while no agent ran."""
        gone = self._senses.gone()
        if gone.by_owner:
            what = f"{gone.by_owner} recordings were erased by the owner, who proved who they are"
            self._alert(AlertKind.RECORDINGS_ERASED, what, authenticated=True, recordings=gone.by_owner)
        if gone.by_nobody:
            what = f"{gone.by_nobody} recordings have gone, and nobody proved who they are for it"
            self._alert(AlertKind.RECORDINGS_ERASED, what, authenticated=False, recordings=gone.by_nobody)

    def _give_sign(self, now: Clock, usage: Usage) -> None:
        assert self._begun is not None
        status = self._senses.status()
        self._beats += 1
        detail: dict[str, object] = {
            "beat": self._beats,
            "uptime_s": round((now.boot_ns - self._begun.boot_ns) / 1e9),
            "state": status.state.value,
            "mode": status.mode,
            "outbox_depth": status.waiting_alerts,
            "last_lock": status.last_lock,
            "policy_hash": self._installed.policy,
            "profile_id": status.profile_id,
            "profile_hashes": sorted((self._installed.profiles or {}).values()),
            "cpu_percent": self._budget.cpu_percent,
            "rss_mb": usage.rss_mb and round(usage.rss_mb, 1),
        }
        if self._tells_rate:
            detail["events_per_s"] = rate_per_s(self._events, status.events, self._at, now)
        self._events = status.events
        self._alert(AlertKind.HEARTBEAT, f"The agent is alive: {status.state.value}", **detail)

    def _alert(self, kind: AlertKind, message: str, **detail: object) -> None:
        self._consequences.alert(self._wording.health(kind, message, **detail))
