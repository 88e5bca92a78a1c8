"""The composition root: the only place that picks concrete back-ends and wires the stages."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from agent.alerts.alert import AlertKind
from agent.alerts.chained_delivery import ChainedDelivery
from agent.alerts.destinations import open_delivery
from agent.config.loading import Configuration, load_configuration
from agent.config.schema import Settings
from agent.engine.disagreement import Disagreement
from agent.engine.events import Boundary, Cause
from agent.files.devices import declared_devices
from agent.files.keys import RECORDING_KEY_NOTE, load_trust
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.host.api import HostServices, LockReport, LockResult, Notifier
from agent.host.ring import Ring
from agent.host.select import SYSTEM_BUS, services
from agent.host.servicemanager import ServiceManager
from agent.host.supervisor import Supervisor
from agent.runtime.central.administration import Administration, PolicyEffects
from agent.runtime.central.polling import Polling, PollingTasks
from agent.runtime.central.recording_upload import RecordingUpload
from agent.runtime.learning.begin_enrolment import enrol_here
from agent.runtime.learning.training import Trainer
from agent.runtime.lifecycle.restart import Lifecycle
from agent.runtime.lifecycle.run_alerts import REASONS
from agent.runtime.lifecycle.session_bus_alerts import SessionBusAlerts
from agent.runtime.pipeline.gate import Gate
from agent.runtime.pipeline.ports import WorkerPorts
from agent.runtime.pipeline.profile_selection import ProfileSelector
from agent.runtime.pipeline.stream_controller import Watch
from agent.runtime.pipeline.worker import Order, Worker
from agent.runtime.response.alert_wording import Wording
from agent.runtime.response.alert_writer import AlertWriter
from agent.runtime.response.reauthentication_gate import ReauthenticationGate
from agent.runtime.response.responder import Answers, Responder
from agent.runtime.status.delivery_status import DeliveryStatus
from agent.runtime.status.snapshot import Command, Status
from agent.runtime.status.status_merge import StatusMerge

NO_RELAY_NOTE: Final = (
    "no relay: a program of this user can end the agent unseen and take back alerts that wait"
)


class App:
    """The running agent without its tray.

    Parameters
    ----------
    paths : Paths
    configuration : Configuration
    host : HostServices
    delivery : ChainedDelivery
    user, hostname : str
    manager : ServiceManager
        Whoever starts the agent again after it ended.
    """

    def __init__(
        self,
        paths: Paths,
        configuration: Configuration,
        host: HostServices,
        delivery: ChainedDelivery,
        user: str,
        hostname: str,
        manager: ServiceManager,
    ) -> None:
        settings = configuration.settings
        self._paths = paths
        told = PolicyEffects(
            self._rule,
            lambda: self._upkeep.begin_anew_for_policy(),
            lambda _lines: self._profiles_fetched(),
            lambda kind, line: self._responder.alert(self._wording.health(kind, line)),
        )
        sends = RecordingUpload(paths, user, hostname, time.time)
        self._administration = Administration(
            paths, user, configuration, host.mice.connected, sends, self._open_file, told
        )
        self._rules_listener: Callable[[Settings], None] = lambda _settings: None
        self._host = host
        self._delivery = delivery
        self._wording = Wording(user, hostname, time.time_ns, configuration.policy_hash)
        self._ring = Ring()
        self.board = StatusMerge(paths.status_file, Status(mode=settings.judgement.mode, user=user))
        stock = DeliveryStatus(self.board, delivery, time.monotonic_ns)
        self._writer = AlertWriter(delivery, stock.disk_trouble)
        answers = Answers(self._counting, self._lock_finished)
        self._responder = Responder(
            self._writer, host.lock, host.notifier, self._wording, settings.response.countdown_s, answers
        )
        self._asking = ReauthenticationGate(host.reauthentication, host.notifier, self._proven)
        now = partial(datetime.now, UTC)
        self._shelf = ProfileSelector(
            paths, user, lambda: load_trust(paths, local=self.settings.enrolment.local), now
        )
        self._trainer = Trainer(paths, user, settings, now, self._trained, self._training_failed)
        hands = WorkerPorts(
            self._responder.alert,
            self._responder.lock,
            self._shelf.choose,
            lambda mouse: enrol_here(
                paths, self.settings.enrolment, mouse, self._administration.handed_over()
            ),
            self._trainer.start,
            self._trainer.weigh,
            host.mice.of,
            host.mice.look,
        )
        self._watch = watch = Watch(settings, self._wording, hands, Gate(host.lock.is_locked))
        eyes = Supervisor(host.pointer, self._ring, host.idle)
        self._upkeep = Lifecycle(
            paths,
            self._wording,
            self._responder.alert,
            lambda command: self._worker.order(Order(command)),
            self.board,
            manager,
            tells_rate=settings.alerts.heartbeat_rate,
            policy_changed=lambda: self._rounds.policy_changed(),
        )
        errands = PollingTasks(
            self._administration.central,
            self._administration.take_policy,
            self._administration.fetch,
            self._administration.hand_over,
            self._administration.fetched,
            self._administration.refused,
            self.board.note,
        )
        self._rounds = Polling(errands, time.monotonic, random.random)
        self._worker = Worker(
            self._ring,
            eyes,
            watch,
            host.mice.current,
            stock.publish,
            time.monotonic_ns,
            self._upkeep.beat,
        )

    @property
    def settings(self) -> Settings:
        """The settings that hold, policy included."""
        return self._administration.configuration.settings

    def listen_rules(self, listener: Callable[[Settings], None]) -> None:
        """Tell `listener` the settings each time that others hold, before they do. From a thread that may wait."""
        self._rules_listener = listener

    @property
    def notifier(self) -> Notifier:
        """Desktop notifications."""
        return self._host.notifier

    def start(self) -> None:
        """Start every thread; returns at once."""
        before = self._delivery.resume()
        self._writer.start()
        self._responder.start()
        self._upkeep.begin(before)
        self._say_what_is_degraded()
        hearing = SessionBusAlerts(self.board, self._wording, self._responder.alert)
        self._host.session.start(self._ring.put, hearing.deaf)
        self._host.mice.watch(self._mouse_changed)
        self._worker.start()
        self._rounds.start()
        self._upkeep.ready()

    def request(self, command: Command) -> None:
        """Do what the person asked for, after re-authentication where that is needed. Any thread."""
        if command in REASONS:
            self._asking.ask(command)
        else:
            self._worker.order(Order(command))

    @property
    def ends_for_good(self) -> bool:
        """True after the owner ended it with a proven identity, where anything else is undone."""
        return self._upkeep.ends_for_good

    @property
    def can_ask(self) -> bool:
        """True where re-authentication exists: without it, what needs it is not available."""
        return self._asking.possible

    def stop(self) -> bool:
        """End at once: the session is over, or a proven owner asked for it; False if an error had ended it."""
        self._upkeep.stopping()
        self._rounds.stop(0.2)
        told = self._worker.was_told_to_end or self._worker.is_alive
        self._worker.order(Order(Command.QUIT))
        self._worker.join(5.0)
        self._host.session.stop()
        self._host.mice.close()
        self._responder.stop(5.0)
        if last := self._upkeep.last_word(told=told):
            self._writer.write(last)
        self._writer.stop(2.0)
        self._delivery.close(flush_s=2.0)
        return told

    def wait(self) -> None:
        """Return once the worker has ended."""
        self._worker.join()

    def _proven(self, command: Command) -> None:
        """Do what a proven identity allows. Thread of the question."""
        if command is Command.IT_WAS_ME:
            self._responder.withdraw()
        self._upkeep.confirmed(command)
        self._worker.order(Order(command))

    def _say_what_is_degraded(self) -> None:
        self._responder.alert(self._wording.health(AlertKind.STARTED, "The agent started"))
        declared = declared_devices(self._paths)
        problems = self._administration.configuration.problems
        for problem in (*problems, *declared.problems):
            self._responder.alert(self._wording.health(AlertKind.POLICY_REJECTED, problem))
        relay = () if self._paths.relay_socket.exists() else (NO_RELAY_NOTE,)
        told = (*problems, *self._host.notes, RECORDING_KEY_NOTE, *relay)
        self.board.post(notes=told)

    def _mouse_changed(self, what: str) -> None:
        self._ring.put(Boundary(time.monotonic_ns(), Cause.MOUSE_CHANGED, what))

    def _open_file(self) -> Path | None:
        enrolment = self._watch.enrolment
        return enrolment.open_file if enrolment else None

    def _trained(self, message: str, disagreements: tuple[Disagreement, ...]) -> None:
        self._upkeep.accept_profiles()
        self._responder.alert(self._wording.health(AlertKind.NEW_LOCAL_PROFILE, message))
        for alert in self._wording.enrolment(disagreements):
            self._responder.alert(alert)
        self._worker.order(Order(Command.RELOAD))

    def _rule(self, configuration: Configuration) -> None:
        """Let other settings hold from now on: a boundary in the stream, and no new start."""
        settings = configuration.settings
        self._rules_listener(settings)
        self._responder.warn_for(settings.response.countdown_s)
        self._trainer.rule(settings)
        self._upkeep.tell_rate(tells_rate=settings.alerts.heartbeat_rate)
        self._worker.order(Order(Command.RELOAD, rules=configuration))

    def _profiles_fetched(self) -> None:
        self._upkeep.accept_profiles()
        self._worker.order(Order(Command.RELOAD))

    def _training_failed(self, line: str) -> None:
        self.board.note(line, holds=True)

    def _counting(self, seconds: float) -> None:
        self.board.post(countdown_s=seconds)

    def _lock_finished(self, report: LockReport | None) -> None:
        self.board.post(last_lock=report.result.value if report else "withdrawn", countdown_s=None)
        if report and report.result is LockResult.LOCKED:
            self._ring.put(Boundary(report.seen_ns, Cause.LOCKED_BY_VERDICT, report.locker))


def build(paths: Paths, *, user: str, hostname: str, version: str, system_bus: Path = SYSTEM_BUS) -> App:
    """Everything wired, nothing started; `system_bus` is as `agent.host.select.services` takes it.

    Raises
    ------
    SteadyhandError
        If a setting is wrong, or the folders cannot be used.
    """
    for folder in (paths.state_dir, paths.recordings_dir, paths.profiles_dir):
        private_dir(folder)
    configuration = load_configuration(paths, strict=False)
    alerts = configuration.settings.alerts
    local = open_delivery(
        alerts,
        paths.outbox,
        paths.alerts_file,
        host=hostname,
        user=user,
        agent_version=version,
        relay=paths.relay_socket if paths.relay_socket.exists() else None,
    )
    delivery = ChainedDelivery(local, paths.chain_file, time.time_ns)
    host = services(
        configuration.settings.response.lockers,
        declared=partial(declared_devices, paths),
        several=configuration.settings.judgement.several_mice,
        system_bus=system_bus,
    )
    return App(paths, configuration, host, delivery, user, hostname, ServiceManager())
