"""`steadyhand relay`: what systemd starts."""

from __future__ import annotations

import logging
import os
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from agent.alerts.chained_delivery import ChainedDelivery
from agent.alerts.destinations import open_delivery
from agent.alerts.transports.kind import RelayServices
from agent.config.loading import load_configuration
from agent.config.schema import Settings
from agent.engine.errors import SteadyhandError
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.version import agent_version
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.program_checker import ProgramChecker
from agent.host.servicemanager import ServiceManager
from agent.host.stop_signals import StopSignals
from agent.relay.active_sessions import accounts_here, shown_sessions
from agent.relay.agent_programs import AgentPrograms
from agent.relay.intake import Intake
from agent.relay.movement import MotionStamp
from agent.relay.raised_alerts import RaisedAlerts
from agent.relay.register_file import NAME, RegisterFile, boot_id
from agent.relay.screen_locker import ScreenLocker
from agent.relay.server import Relay
from agent.relay.session_ends import SessionEnds
from agent.relay.session_guard import SessionGuard
from agent.standard_streams import log_to_stderr, provide_streams

_SAY_S = 1.0


def main() -> int:
    """Run until told to end; the exit code: 0 done, 2 called wrongly.

    systemd says where to keep state and where the socket goes (STATE_DIRECTORY, RUNTIME_DIRECTORY).
    """
    provide_streams()
    log_to_stderr(logging.INFO, "%(name)s %(levelname)s %(message)s")
    try:
        # With a dynamic user systemd's name of the state folder is a link of its own making.
        state = Path(os.environ["STATE_DIRECTORY"]).resolve()
        runtime = Path(os.environ["RUNTIME_DIRECTORY"])
    except KeyError as missing:
        print(f"steadyhand-relay: {missing} is not set: start it with its systemd unit", file=sys.stderr)
        return 2
    try:
        run(Paths.of_relay(state), runtime / "relay")
    except (SteadyhandError, OSError) as error:
        print(f"steadyhand-relay: {error}", file=sys.stderr)
        return 2
    return 0


def run(paths: Paths, path: Path) -> None:
    """Serve until SIGTERM.

    Raises
    ------
    SteadyhandError, OSError
        If the folders or the socket cannot be used.
    """
    private_dir(paths.state_dir)
    settings = load_configuration(paths, strict=False).settings
    raised = RaisedAlerts()
    delivery = _open_delivery(paths, settings, raised)
    before = delivery.resume()
    raised.connect(delivery)
    register_file = RegisterFile(paths.state_dir / NAME, boot_id())
    with (
        ThreadPoolExecutor(1, "steadyhand-screens") as executor,
        ThreadPoolExecutor(1, "steadyhand-check") as asker,
    ):
        locker = ScreenLocker(JeepneyBus({}))
        guard = SessionGuard(settings.absence, shown_sessions, locker, MotionStamp(), executor)
        host, playbooks = socket.gethostname(), settings.alerts.playbook_url
        programs = AgentPrograms(ProgramChecker(os.readlink("/proc/self/exe")).check, asker)
        clocks = (time.monotonic_ns, time.time_ns)
        ends = SessionEnds(accounts_here)
        intake = Intake(delivery, register_file, host, *clocks, guard, playbooks, programs, session_ends=ends)
        intake.begin((before.problem,))
        _serve_until_told(Relay(intake), path)
    delivery.close(flush_s=2.0)


def _open_delivery(paths: Paths, settings: Settings, raised: RaisedAlerts) -> ChainedDelivery:
    local = open_delivery(
        settings.alerts,
        paths.outbox,
        paths.alerts_file,
        host=socket.gethostname(),
        user="steadyhand-relay",
        agent_version=agent_version(),
        services=RelayServices(paths.state_dir, raised.submit, settings.alerts.playbook_url),
    )
    return ChainedDelivery(local, paths.chain_file, time.time_ns)


def _serve_until_told(relay: Relay, path: Path) -> None:
    manager = ServiceManager()
    with StopSignals() as signals, relay.listen(path) as listener:
        relay.wake_by(signals.bell)
        manager.ready()
        _serve(relay, listener, manager, signals)
        manager.stopping()
    relay.close()


def _serve(relay: Relay, listener: socket.socket, manager: ServiceManager, signals: StopSignals) -> None:
    """Turn after turn until a signal was received; the watchdog hears of it once a second at most."""
    said_s = 0.0
    while not signals.received:
        relay.turn(listener)
        if time.monotonic() - said_s >= _SAY_S:
            said_s = time.monotonic()
            manager.alive("bringing alerts on")


if __name__ == "__main__":
    sys.exit(main())
