"""`steadyhand mouse-service`: what systemd starts."""

from __future__ import annotations

import logging
import os
import pwd
import socket
import sys
import time
from pathlib import Path
from typing import Final

from agent.alerts.transports.relay_link import RelayLink
from agent.config.loading import load_configuration
from agent.engine.errors import SteadyhandError
from agent.files.paths import Paths
from agent.host.linux.program_checker import ProgramChecker
from agent.host.linux.session_files import SEATS, SESSIONS
from agent.host.servicemanager import ServiceManager
from agent.host.stop_signals import StopSignals
from agent.mouse_service.background_check import BackgroundCheck
from agent.mouse_service.device_set import INPUT, DeviceSet
from agent.mouse_service.distributor import MovementDistributor
from agent.mouse_service.folder_watch import FolderWatch
from agent.mouse_service.listeners import Connection, Listeners
from agent.mouse_service.motion_stamps import MotionStamps, relay_group
from agent.mouse_service.relay_reporter import RelayReporter
from agent.mouse_service.seats import UDEV, seat_sessions
from agent.mouse_service.server import TICK_S, MouseServer
from agent.standard_streams import log_to_stderr, provide_streams

OFF: Final = 3
"""Exit code where policy switches the service off: systemd does not start it again."""
_LOOK_NS: Final = 60_000_000_000

_log = logging.getLogger(__name__)


def main() -> int:
    """Run until told to end; the exit code: 0 done, 2 called wrongly, 3 switched off by policy.

    systemd says where the socket goes (RUNTIME_DIRECTORY).
    """
    provide_streams()
    log_to_stderr(logging.INFO, "%(name)s %(levelname)s %(message)s")
    try:
        folder = Path(os.environ["RUNTIME_DIRECTORY"])
    except KeyError as missing:
        _log.error("%s is not set: start it with its systemd unit", missing)
        return 2
    paths = Paths.of_relay(folder)
    try:
        if not load_configuration(paths, strict=False).settings.capture.mouse_service:
            _log.info("policy switches the mouse service off (capture.mouse_service)")
            return OFF
        run(paths, folder)
    except (SteadyhandError, OSError) as error:
        _log.error("%s", error)
        return 2
    return 0


def run(paths: Paths, folder: Path) -> None:
    """Serve until SIGTERM.

    Raises
    ------
    OSError
        If the socket cannot be made, or folders cannot be watched.
    """
    reporter = RelayReporter(lambda: RelayLink(paths.relay_socket), account_name, socket.gethostname())
    listeners = Listeners()
    check = BackgroundCheck[Connection](ProgramChecker(os.readlink("/proc/self/exe")).check)
    motion = MotionStamps(folder, relay_group())
    distributor = MovementDistributor(listeners, seat_sessions, reporter, motion, time.monotonic_ns)
    watch = FolderWatch((INPUT, UDEV, SESSIONS, SEATS))
    server = MouseServer(DeviceSet(), watch, listeners, check, distributor, reporter)
    manager = ServiceManager()
    with StopSignals() as signals:
        reporter.start()
        with server.listen(folder / "socket"):
            server.wake_by(signals.bell)
            manager.ready()
            _serve(server, manager, signals)
            manager.stopping()
            server.close()
        reporter.stop(2.0)


def account_name(uid: int) -> str:
    """From the user database; the number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _serve(server: MouseServer, manager: ServiceManager, signals: StopSignals) -> None:
    """Turn after turn until a signal was received; looks at everything once a minute, and says that it lives."""
    looked_ns = said_ns = 0
    while not signals.received:
        server.turn(TICK_S)
        now_ns = time.monotonic_ns()
        if now_ns - said_ns >= TICK_S * 1e9 / 2:
            said_ns = now_ns
            manager.alive("handing the mouse's movement on")
        if now_ns - looked_ns >= _LOOK_NS:
            looked_ns = now_ns
            server.look()


if __name__ == "__main__":
    sys.exit(main())
