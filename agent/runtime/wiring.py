"""Wiring: three builders make the parts of the agent - capture, delivery, judgement - each from those before it."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime
from functools import partial

from agent.files.keys import Trust, load_trust
from agent.files.paths import Paths
from agent.host.api import HostServices
from agent.host.policy_changes import watch_policy
from agent.host.ring import Ring
from agent.host.supervisor import Supervisor
from agent.runtime.central.administration import Administration
from agent.runtime.central.polling import Polling
from agent.runtime.central.recording_upload import RecordingUpload
from agent.runtime.learning.begin_enrolment import CurrentSettings, LocalEnrolments, OpenRecording
from agent.runtime.learning.trained_profile import TrainedProfile
from agent.runtime.learning.training import Trainer
from agent.runtime.lifecycle.heartbeat import Heartbeat, RunningHeartbeatEffects
from agent.runtime.lifecycle.policy_effects import RunningPolicyEffects
from agent.runtime.lifecycle.program_watch import ProgramWatch, program_files
from agent.runtime.lifecycle.restart import Restarter
from agent.runtime.lifecycle.run_reporter import RunReporter
from agent.runtime.lifecycle.self_observation import SelfObservation
from agent.runtime.parts import AgentContext, CaptureParts, DeliveryParts, JudgementParts
from agent.runtime.pipeline.gate import Gate
from agent.runtime.pipeline.orders import OrderQueue
from agent.runtime.pipeline.owner_orders import OwnerOrders
from agent.runtime.pipeline.ports import StreamPorts
from agent.runtime.pipeline.profile_selection import ProfileSelector
from agent.runtime.pipeline.stream_controller import StreamController
from agent.runtime.pipeline.worker import Worker, WorkerPorts
from agent.runtime.response.alert_writer import AlertWriter
from agent.runtime.response.countdown import MonotonicClock
from agent.runtime.response.lock_outcome import LockOutcome
from agent.runtime.response.owner_commands import RunningOwnerCommands
from agent.runtime.response.responder import Responder
from agent.runtime.response.second_step import SecondStepQuestion
from agent.runtime.status.delivery_status import DeliveryStatus
from agent.runtime.status.snapshot import Command, Status
from agent.runtime.status.status_merge import StatusMerge


def build_capture(host: HostServices) -> CaptureParts:
    """Ring, order queue and capture."""
    ring = Ring()
    capture = Supervisor(host.pointer, ring, host.idle, obstructed=host.obstruction)
    return CaptureParts(ring, OrderQueue(ring), capture)


def build_delivery(context: AgentContext, capture: CaptureParts) -> DeliveryParts:
    """Status, alert writer and responder."""
    host, settings = context.host, context.settings
    status = StatusMerge(context.paths.status_file, Status(mode=settings.judgement.mode, user=context.user))
    delivery_status = DeliveryStatus(status, context.delivery, time.monotonic_ns)
    writer = AlertWriter(context.delivery, delivery_status.disk_trouble)
    wording = context.wording()
    outcome = LockOutcome(status, capture.ring)
    responder = Responder(
        writer,
        host.lock,
        host.notifier,
        wording,
        settings.response,
        outcome,
        host.presentation,
        MonotonicClock(),
    )
    return DeliveryParts(status, delivery_status, writer, responder, wording)


def build_judgement(context: AgentContext, capture: CaptureParts, delivery: DeliveryParts) -> JudgementParts:
    """Heartbeat, training, administration and the worker with its stream controller."""
    policy_changed = threading.Event()
    restarter = Restarter(context.manager, capture.orders, delivery.status)
    heartbeat = _heartbeat(context, capture, delivery, restarter, policy_changed)
    trainer = _trainer(context, capture, delivery, heartbeat)
    effects = RunningPolicyEffects(
        delivery.wording, delivery.responder, trainer, heartbeat, capture.orders, restarter
    )
    recording = OpenRecording()
    administration = Administration(
        context.paths,
        context.user,
        context.configuration,
        context.host.mice,
        RecordingUpload(context.paths, context.user, context.hostname, time.time),
        recording.path,
        effects,
    )
    ports = _stream_ports(context, delivery, trainer, administration, recording)
    return JudgementParts(
        _worker(context, capture, delivery, heartbeat, ports),
        heartbeat,
        RunReporter(delivery.wording, delivery.responder, context.manager),
        restarter,
        effects,
        administration,
        Polling(administration, delivery.status, policy_changed, time.monotonic, random.random, watch_policy),
    )


def build_second_step(
    context: AgentContext, capture: CaptureParts, delivery: DeliveryParts, judgement: JudgementParts
) -> SecondStepQuestion:
    """The question for a fingerprint during countdowns; a match counts like "that was me" with a password."""
    step = context.host.second_step
    by_step = RunningOwnerCommands(delivery.responder, judgement.reporter, capture.orders, step.authority)
    return SecondStepQuestion(
        step,
        lambda asked: delivery.status.post(fingerprint_asked=asked),
        lambda: by_step.execute(Command.IT_WAS_ME),
    )


class TrustedKeys:
    """Loads the keys whose profiles are trusted, under the settings in force.

    Parameters
    ----------
    paths : Paths
    current : CurrentSettings
    """

    def __init__(self, paths: Paths, current: CurrentSettings) -> None:
        self._paths = paths
        self._current = current

    def load(self) -> Trust:
        """The administrator's keys, and the local one where policy allows to enrol here. Reads the files."""
        return load_trust(self._paths, local=self._current.settings.enrolment.local)


def _stream_ports(
    context: AgentContext,
    delivery: DeliveryParts,
    trainer: Trainer,
    administration: Administration,
    recording: OpenRecording,
) -> StreamPorts:
    keys = TrustedKeys(context.paths, administration)
    now = partial(datetime.now, UTC)
    return StreamPorts(
        delivery.responder,
        ProfileSelector(context.paths, context.user, keys.load, now),
        LocalEnrolments(context.paths, administration, recording),
        trainer,
        context.host.mice,
        context.host.proofs,
        context.paths.drills_file,
        context.paths.baselines_file,
    )


def _heartbeat(
    context: AgentContext,
    capture: CaptureParts,
    delivery: DeliveryParts,
    restarter: Restarter,
    policy_changed: threading.Event,
) -> Heartbeat:
    program = ProgramWatch(program_files(), lambda: delivery.status.status.events, restarter)
    return Heartbeat(
        delivery.wording,
        delivery.responder,
        SelfObservation(context.paths, delivery.status),
        RunningHeartbeatEffects(policy_changed, capture.orders, restarter, context.manager, program.look),
        reports_rate=context.settings.alerts.heartbeat_rate,
    )


def _trainer(
    context: AgentContext, capture: CaptureParts, delivery: DeliveryParts, heartbeat: Heartbeat
) -> Trainer:
    outcome = TrainedProfile(delivery.wording, delivery.responder, heartbeat, capture.orders, delivery.status)
    return Trainer(context.paths, context.user, context.settings, partial(datetime.now, UTC), outcome)


def _worker(
    context: AgentContext,
    capture: CaptureParts,
    delivery: DeliveryParts,
    heartbeat: Heartbeat,
    ports: StreamPorts,
) -> Worker:
    gate = Gate(context.host.lock.is_locked)
    controller = StreamController(context.settings, delivery.wording, ports, gate)
    return Worker(
        capture.ring,
        capture.supervisor,
        controller,
        OwnerOrders(controller, delivery.responder, delivery.wording, ports.enrolments),
        capture.orders,
        WorkerPorts(context.host.mice, delivery.delivery_status, heartbeat),
        time.monotonic_ns,
    )
