"""The running agent without its tray: picks the concrete back-ends, starts and stops every thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from agent.alerts.api import Delivery
from agent.alerts.chained_delivery import ChainedDelivery
from agent.alerts.destinations import open_delivery
from agent.config.loading import load_configuration
from agent.config.schema import Settings
from agent.engine.events import Boundary, Cause
from agent.engine.sentence import sentence
from agent.files.devices import declared_devices
from agent.files.keys import RECORDING_KEY_NOTE
from agent.files.ledger import unfinished_erasures
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.relay_presence import relay_is_installed
from agent.files.version import ProgramVersion
from agent.host.notifier import ButtonNotifier
from agent.host.origin import read_origin
from agent.host.select import SYSTEM_BUS, services
from agent.host.servicemanager import ServiceManager
from agent.host.session_fate import SessionFate
from agent.host.start_environment import UNTOUCHED, StartFindings
from agent.language.language import mark, preferred_language
from agent.runtime.kernel_check import require_own_kernel
from agent.runtime.lifecycle.run_alerts import end_of_run
from agent.runtime.lifecycle.session_alerts import SessionAlerts
from agent.runtime.parts import AgentContext
from agent.runtime.pipeline.orders import WorkerOrder
from agent.runtime.response.command_server import CommandServer
from agent.runtime.response.owner_commands import RunningOwnerCommands
from agent.runtime.response.owner_requests import OwnerRequests
from agent.runtime.response.reauthentication_gate import ReauthenticationGate
from agent.runtime.response.translated_notifier import TranslatedNotifier
from agent.runtime.status.failed_start import failure_in_status
from agent.runtime.status.snapshot import Command
from agent.runtime.status.status_merge import StatusMerge
from agent.runtime.wiring import build_capture, build_delivery, build_judgement, build_second_step

NO_RELAY_NOTE: Final = mark(
    "no relay: a program of this user can end the agent unseen and take back alerts that wait"
)


class App:
    """The running agent without its tray.

    Parameters
    ----------
    context : AgentContext
    """

    def __init__(self, context: AgentContext) -> None:
        self._context = context
        self._capture = build_capture(context.host)
        self._delivery = build_delivery(context, self._capture)
        self._judgement = build_judgement(context, self._capture, self._delivery)
        commands = RunningOwnerCommands(
            self._delivery.responder,
            self._judgement.reporter,
            self._capture.orders,
            context.host.reauthentication.authority,
        )
        self._delivery.responder.attend(
            build_second_step(context, self._capture, self._delivery, self._judgement)
        )
        self._gate = ReauthenticationGate(context.host.reauthentication, context.host.notifier, commands)
        self._requests = OwnerRequests(self._gate, self._capture.orders, self._judgement.administration)
        self._commands = CommandServer(context.paths.command_socket, self._requests)

    @property
    def settings(self) -> Settings:
        """The settings in force, policy included."""
        return self._judgement.administration.settings

    @property
    def status(self) -> StatusMerge:
        """Where the snapshots are merged, and listeners get them."""
        return self._delivery.status

    @property
    def notifier(self) -> ButtonNotifier:
        """Desktop notifications."""
        return self._context.host.notifier

    def listen_settings(self, listener: Callable[[Settings], None]) -> None:
        """Call `listener` with other settings each time, before they hold. From a thread that may wait."""
        self._judgement.policy_effects.listen(listener)

    def listen_end(self, on_end: Callable[[], None]) -> None:
        """Call `on_end` when the system ends the session or this program. From a thread that must not wait."""
        if self._context.host.session_end is None:
            return

        def ends(reason: str) -> None:
            self._judgement.reporter.session_ends(reason)
            on_end()

        self._context.host.session_end.listen_end(ends)

    def finished(self) -> None:
        """Let the system go on, if it waits for the agent's end."""
        if self._context.host.session_end is not None:
            self._context.host.session_end.finished()

    def start(self) -> None:
        """Start every thread; returns at once."""
        delivery, judgement = self._delivery, self._judgement
        before = self._context.delivery.resume()
        delivery.writer.start()
        delivery.responder.start()
        session = "" if self._context.host.outlook.fate() is SessionFate.ENDING else self._context.session
        judgement.reporter.previous_run(before, session, self._context.program)
        judgement.heartbeat.begin()
        self._report_start()
        session_alerts = SessionAlerts(
            delivery.status, delivery.wording, delivery.responder, fate=self._context.host.outlook.fate
        )
        self._context.host.session.start(
            self._capture.ring.put, session_alerts.unobserved, session_alerts.unseen_lock
        )
        self._context.host.outlook.on_shutdown(judgement.reporter.shutdown_begins)
        self._context.host.mice.watch(self._mouse_changed)
        judgement.worker.start()
        judgement.polling.start()
        self._context.manager.ready()

    def request(self, command: Command) -> None:
        """Do what the person asked for, after re-authentication where that is needed. Any thread."""
        self._requests.request(command)

    @property
    def ends_for_good(self) -> bool:
        """True after the owner ended it with a proven identity, where any other end is undone."""
        return self._judgement.reporter.ends_for_good

    @property
    def can_ask(self) -> bool:
        """True where re-authentication exists: without it, what needs it is not available."""
        return self._gate.possible

    def stop(self) -> bool:
        """End at once: the session is over, or a proven owner asked for it; False if an error had ended it."""
        worker = self._judgement.worker
        # Asked first: what ends the agent may end who would answer.
        fate = self._context.host.outlook.fate()
        self._context.manager.stopping()
        self._commands.stop()
        self._judgement.polling.stop(0.2)
        ordered = worker.was_ordered_to_quit or worker.is_alive
        self._capture.orders.put(WorkerOrder(Command.QUIT))
        worker.join(5.0)
        self._context.host.session.stop()
        self._context.host.mice.close()
        self._delivery.responder.stop(5.0)
        end = end_of_run(fate, ordered=ordered, restarts=self._judgement.restarter.is_requested)
        if final := self._judgement.reporter.final_alert(end):
            self._delivery.writer.write(final)
        self._delivery.writer.stop(2.0)
        self._context.delivery.close(flush_s=2.0)
        return ordered

    def wait(self) -> None:
        """Return once the worker has ended."""
        self._judgement.worker.join()

    def _report_start(self) -> None:
        """Report the start, and show in the status what is degraded here."""
        paths = self._context.paths
        problems = self._context.configuration.problems
        start = self._context.start
        self._judgement.reporter.started((*problems, *declared_devices(paths).problems), start)
        relay = () if relay_is_installed(paths.relay_socket) else (NO_RELAY_NOTE,)
        degraded = (*relay, *filter(None, [self._commands.start()]), *unfinished_erasures(paths))
        warned = [
            sentence("at the start: {line}", line=line)
            for line in (*start.foreign_code, *start.foreign_session)
        ]
        notes = (*warned, *problems, *self._context.host.notes, RECORDING_KEY_NOTE, *degraded)
        self._delivery.status.post(notes=notes, can_ask=self.can_ask)

    def _mouse_changed(self, change: str) -> None:
        self._capture.ring.put(Boundary(time.monotonic_ns(), Cause.MOUSE_CHANGED, change))


def build(
    paths: Paths,
    *,
    user: str,
    hostname: str,
    program: ProgramVersion,
    system_bus: Path = SYSTEM_BUS,
    start: StartFindings = UNTOUCHED,
) -> App:
    """Everything wired, nothing started; what keeps it from that stands in the status. `system_bus`: see `services`.

    Raises
    ------
    SteadyhandError
        If a setting is wrong, the folders cannot be used, or the compiled kernel is of another version.
    """
    with failure_in_status(paths.status_file, user):
        require_own_kernel()
        return _wired(paths, user, hostname, program, system_bus, start)


def _wired(
    paths: Paths, user: str, hostname: str, program: ProgramVersion, system_bus: Path, start: StartFindings
) -> App:
    for folder in (paths.state_dir, paths.recordings_dir, paths.profiles_dir):
        private_dir(folder)
    configuration = load_configuration(paths, strict=False)
    settings = configuration.settings
    outbox = _open_outbox(paths, settings, hostname, user, program.number)
    host = services(
        settings.response.lockers,
        declared=partial(declared_devices, paths),
        several=settings.judgement.several_mice,
        system_bus=system_bus,
    )
    host = replace(host, notifier=TranslatedNotifier(host.notifier, preferred_language()))
    origin = read_origin(user, hostname, host.session_facts())
    session = str(origin.get("session", ""))
    delivery = ChainedDelivery(outbox, paths.chain_file, time.time_ns, session, program)
    return App(
        AgentContext(
            paths, configuration, host, delivery, user, hostname, ServiceManager(), origin, start, program
        )
    )


def _open_outbox(paths: Paths, settings: Settings, hostname: str, user: str, version: str) -> Delivery:
    """Where alerts go: the relay, where there is one, or this agent's own destinations."""
    return open_delivery(
        settings.alerts,
        paths.outbox,
        paths.alerts_file,
        host=hostname,
        user=user,
        agent_version=version,
        relay=paths.relay_socket if relay_is_installed(paths.relay_socket) else None,
    )
