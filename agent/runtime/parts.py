"""Parts of the agent: what each builder makes, and what they are made for."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.alerts.chained_delivery import ChainedDelivery
from agent.config.loading import Configuration
from agent.config.schema import Settings
from agent.files.paths import Paths
from agent.files.version import ProgramVersion
from agent.host.api import HostServices
from agent.host.ring import Ring
from agent.host.servicemanager import ServiceManager
from agent.host.start_environment import UNTOUCHED, StartFindings
from agent.host.supervisor import Supervisor
from agent.runtime.central.administration import Administration
from agent.runtime.central.polling import Polling
from agent.runtime.lifecycle.heartbeat import Heartbeat
from agent.runtime.lifecycle.policy_effects import RunningPolicyEffects
from agent.runtime.lifecycle.restart import Restarter
from agent.runtime.lifecycle.run_reporter import RunReporter
from agent.runtime.pipeline.orders import OrderQueue
from agent.runtime.pipeline.worker import Worker
from agent.runtime.response.alert_wording import AlertWording
from agent.runtime.response.alert_writer import AlertWriter
from agent.runtime.response.responder import Responder
from agent.runtime.status.delivery_status import DeliveryStatus
from agent.runtime.status.status_merge import StatusMerge


@dataclass(frozen=True, slots=True)
class AgentContext:
    """What the parts are made for.

    Attributes
    ----------
    paths : Paths
    configuration : Configuration
        The one at the start.
    host : HostServices
    delivery : ChainedDelivery
    user, hostname : str
    manager : ServiceManager
        Whoever starts the agent again after it ended.
    origin : mapping
        Account, computer and session, for alerts.
    start : StartFindings
        What of the environment is to be reported with the start.
    """

    paths: Paths
    configuration: Configuration
    host: HostServices
    delivery: ChainedDelivery
    user: str
    hostname: str
    manager: ServiceManager
    origin: Mapping[str, Any] = field(default_factory=dict)
    start: StartFindings = UNTOUCHED
    program: ProgramVersion = field(default_factory=ProgramVersion)

    @property
    def settings(self) -> Settings:
        """The settings at the start."""
        return self.configuration.settings

    @property
    def session(self) -> str:
        """The login session at the start; empty where that is not known."""
        return str(self.origin.get("session", ""))

    def wording(self) -> AlertWording:
        """The wording of this user's alerts."""
        alerts = self.settings.alerts
        return AlertWording(
            self.user,
            self.hostname,
            time.time_ns,
            self.configuration.policy_hash,
            self.origin,
            alerts.playbook_url,
        )


@dataclass(frozen=True, slots=True)
class CaptureParts:
    """From the operating system to the ring, and the orders that wait beside it."""

    ring: Ring
    orders: OrderQueue
    supervisor: Supervisor


@dataclass(frozen=True, slots=True)
class DeliveryParts:
    """From an alert to the disk, the screen lock and the status."""

    status: StatusMerge
    delivery_status: DeliveryStatus
    writer: AlertWriter
    responder: Responder
    wording: AlertWording


@dataclass(frozen=True, slots=True)
class JudgementParts:
    """From the ring to a reaction, with what changes the judgement while it runs."""

    worker: Worker
    heartbeat: Heartbeat
    reporter: RunReporter
    restarter: Restarter
    policy_effects: RunningPolicyEffects
    administration: Administration
    polling: Polling
