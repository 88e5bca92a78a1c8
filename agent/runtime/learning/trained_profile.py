"""Trained profile: what follows from the outcome of training in the running agent."""

from __future__ import annotations

from agent.alerts.alert import AlertKind
from agent.engine.disagreement import Disagreement
from agent.runtime.lifecycle.heartbeat import Heartbeat
from agent.runtime.pipeline.orders import OrderQueue, WorkerOrder
from agent.runtime.pipeline.ports import AlertSink
from agent.runtime.response.alert_wording import AlertWording
from agent.runtime.status.snapshot import Command
from agent.runtime.status.status_merge import StatusMerge


class TrainedProfile:
    """Reports new profiles and has the worker use them. Training thread.

    Parameters
    ----------
    wording : AlertWording
    alerts : AlertSink
    heartbeat : Heartbeat
        Accepts the profile as one that this agent has put in place.
    orders : OrderQueue
    status : StatusMerge
    """

    def __init__(
        self,
        wording: AlertWording,
        alerts: AlertSink,
        heartbeat: Heartbeat,
        orders: OrderQueue,
        status: StatusMerge,
    ) -> None:
        self._wording = wording
        self._alerts = alerts
        self._heartbeat = heartbeat
        self._orders = orders
        self._status = status

    def trained(self, message: str, disagreements: tuple[Disagreement, ...]) -> None:
        """See `TrainingListener.trained`."""
        self._heartbeat.accept_profiles()
        self._alerts.alert(self._wording.health(AlertKind.NEW_LOCAL_PROFILE, message))
        for alert in self._wording.enrolment(disagreements):
            self._alerts.alert(alert)
        self._orders.put(WorkerOrder(Command.RELOAD))

    def renewal_refused(self, disagreements: tuple[Disagreement, ...]) -> None:
        """See `TrainingListener.renewal_refused`."""
        for alert in self._wording.enrolment(disagreements):
            self._alerts.alert(alert)

    def training_failed(self, line: str) -> None:
        """See `TrainingListener.training_failed`."""
        self._status.note(line, holds=True)
