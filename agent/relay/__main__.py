"""`steadyhand relay`: what systemd starts."""

from __future__ import annotations

import logging
import os
import sys
import time
from concurrent.futures import Executor
from pathlib import Path

from agent.config.absence_settings import AbsenceSettings
from agent.engine.errors import SteadyhandError
from agent.files.paths import Paths
from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.program_checker import ProgramChecker
from agent.host.servicemanager import ServiceManager
from agent.host.stop_signals import StopSignals
from agent.relay.accounts import unix_account
from agent.relay.active_sessions import accounts_here, shown_sessions
from agent.relay.assembly import RelayPlatform, relay_intake
from agent.relay.intake import Intake
from agent.relay.movement import MotionStamp
from agent.relay.register_file import boot_id
from agent.relay.screen_locker import ScreenLocker
from agent.relay.server import Relay
from agent.relay.session_guard import SessionGuard
from agent.relay.unix_transport import UnixTransport
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
    check = ProgramChecker(os.readlink("/proc/self/exe")).check
    platform = RelayPlatform(boot_id(), unix_account, check, _guard, accounts_here)
    with relay_intake(paths, platform) as intake:
        _serve_until_told(intake, path)


def _guard(settings: AbsenceSettings, executor: Executor) -> SessionGuard:
    return SessionGuard(settings, shown_sessions, ScreenLocker(JeepneyBus({})), MotionStamp(), executor)


def _serve_until_told(intake: Intake, path: Path) -> None:
    manager = ServiceManager()
    with StopSignals() as signals:
        transport = UnixTransport(path)
        relay = Relay(intake, transport)
        transport.wake_by(signals.bell)
        manager.ready()
        _serve(relay, manager, signals)
        manager.stopping()
        relay.close()


def _serve(relay: Relay, manager: ServiceManager, signals: StopSignals) -> None:
    """Turn after turn until a signal was received; the watchdog hears of it once a second at most."""
    said_s = 0.0
    while not signals.received:
        relay.turn()
        if time.monotonic() - said_s >= _SAY_S:
            said_s = time.monotonic()
            manager.alive("bringing alerts on")


if __name__ == "__main__":
    sys.exit(main())
