"""Policy effects: what follows in the running agent when a policy or an administrator's profile has changed."""

from __future__ import annotations

from collections.abc import Callable

from agent.alerts.alert import AlertKind
from agent.config.loading import Configuration
from agent.config.schema import Settings
from agent.runtime.learning.training import Trainer
from agent.runtime.lifecycle.heartbeat import Heartbeat
from agent.runtime.lifecycle.restart import CHANGED_POLICY, Restarter
from agent.runtime.pipeline.orders import OrderQueue, WorkerOrder
from agent.runtime.response.alert_wording import AlertWording
from agent.runtime.response.responder import Responder
from agent.runtime.status.snapshot import Command


class RunningPolicyEffects:
    """Applies a configuration without a restart where that is possible. Polling thread.

    Parameters
    ----------
    wording : AlertWording
    responder : Responder
    trainer : Trainer
    heartbeat : Heartbeat
    orders : OrderQueue
    restarter : Restarter
    """

    def __init__(
        self,
        wording: AlertWording,
        responder: Responder,
        trainer: Trainer,
        heartbeat: Heartbeat,
        orders: OrderQueue,
        restarter: Restarter,
    ) -> None:
        self._wording = wording
        self._responder = responder
        self._trainer = trainer
        self._heartbeat = heartbeat
        self._orders = orders
        self._restarter = restarter
        self._listeners: list[Callable[[Settings], None]] = []

    def listen(self, listener: Callable[[Settings], None]) -> None:
        """Call `listener` with other settings before they hold. Polling thread."""
        self._listeners.append(listener)

    def apply_configuration(self, configuration: Configuration) -> None:
        """Let other settings hold from now on: a boundary in the stream, and no restart."""
        settings = configuration.settings
        for listener in self._listeners:
            listener(settings)
        self._responder.apply_settings(settings.response)
        self._trainer.apply_settings(settings)
        self._heartbeat.report_rate(reports_rate=settings.alerts.heartbeat_rate)
        self._orders.put(WorkerOrder(Command.RELOAD, configuration=configuration))

    def request_restart(self) -> None:
        """Restart: a policy has changed what is read at the start only."""
        self._restarter.restart(CHANGED_POLICY)

    def profiles_fetched(self) -> None:
        """Have the worker select among the profiles that were put in place."""
        self._heartbeat.accept_profiles()
        self._orders.put(WorkerOrder(Command.RELOAD))

    def report(self, kind: AlertKind, message: str) -> None:
        """Raise an alert."""
        self._responder.alert(self._wording.health(kind, message))
