"""`steadyhand relay` on Windows: what the service manager starts as the service SteadyhandRelay.

It runs under an account of its own, ``NT SERVICE\\SteadyhandRelay``, and keeps its state in a folder of ProgramData
that the installer makes for that account. Policy is read anew as soon as it changes. Its account cannot lock the
sessions of others: an agent that is gone is alerted, and the keeper (packaging/windows/keeper.c) locks its screen.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Final

from agent.alerts.transports.eventlog import SERVICE_FAILED, RealEventLog
from agent.engine.errors import SteadyhandError
from agent.files.administrators import check_administrators_dir
from agent.files.paths import Paths
from agent.files.relay_presence import PIPE, SERVICE
from agent.files.windows_acl import AUTHENTICATED, pipe_sddl, service_sid
from agent.files.windows_security import keeps_access_lists, own_sid
from agent.frozen import is_frozen
from agent.host.listener_program import ListenerProgram, ProgramKind
from agent.host.windows.account_lookup import account_of_sid, process_program
from agent.host.windows.policy_watch import PolicyWatch
from agent.host.windows.service_process import ServiceProcess
from agent.relay.accounts import AccountId, RelayAccount
from agent.relay.assembly import RelayPlatform, relay_intake
from agent.relay.pipe_system import RealPipeSystem
from agent.relay.pipe_transport import MOST_SPEAKING, PipeTransport
from agent.relay.server import Relay
from agent.standard_streams import log_to_file, provide_streams

AGENT_PROGRAM: Final = "steadyhand-agent.exe"
LOG: Final = "relay.log"
_LOG_FORM: Final = "%(asctime)s %(name)s %(levelname)s %(message)s"

_log = logging.getLogger(__name__)


def main() -> int:
    """Run as the service until the service manager ends it.

    Raises
    ------
    SteadyhandError
        If the service manager has not started this process.
    """
    provide_streams()
    ServiceProcess(SERVICE, serve).run()
    return 0


def serve(service: ServiceProcess) -> None:
    """Take alerts until the service is to end; begin anew with each change of policy.

    Raises
    ------
    SteadyhandError, OSError
        If the folders or the pipe cannot be used, or the service runs under a wrong account.
    """
    try:
        _serve(service)
    except (SteadyhandError, OSError) as error:
        # Where nobody reads this program's output, administrators look into the event log.
        RealEventLog().write([(*SERVICE_FAILED, f"the relay does not run: {error}")])
        raise


def _serve(service: ServiceProcess) -> None:
    paths = relay_paths()
    log_to_file(paths.state_dir / LOG, logging.INFO, _LOG_FORM)
    _require_own_account()
    watch = PolicyWatch(service.ring)
    watch.start()
    while not service.is_stopping:
        service.quiet()
        _serve_one_policy(paths, service, watch)
    watch.stop()


def relay_paths() -> Paths:
    """The relay's folders; the one above its own must be the administrators'.

    Raises
    ------
    SteadyhandError
        If somebody else made a folder of that name before the installer did.
    """
    above = Paths.of_relay(Path()).administrators_dir
    check_administrators_dir(above, above, 0)
    return Paths.of_relay(above / "relay")


def _require_own_account() -> None:
    own, wanted = own_sid(), service_sid(SERVICE)
    if keeps_access_lists() and own != wanted:
        account = f"NT SERVICE\\{SERVICE}"
        raise SteadyhandError(
            f"the service runs as {own}, not as {account}", f'sc config {SERVICE} obj= "{account}"'
        )


def _serve_one_policy(paths: Paths, service: ServiceProcess, watch: PolicyWatch) -> None:
    changes = watch.changes
    owner = service_sid(SERVICE)
    # Windows does not tell its starts apart: after a start of the relay every agent gets its time anew.
    with relay_intake(paths, RelayPlatform("", _account, _check_program)) as intake:
        system = RealPipeSystem(PIPE, pipe_sddl(owner, AUTHENTICATED))
        relay = Relay(intake, PipeTransport(system, owner, service.bell), MOST_SPEAKING)
        service.ready()
        while not service.is_stopping and watch.changes == changes:
            relay.turn()
        relay.close()
    if not service.is_stopping:
        _log.info("policy has changed: the relay begins anew")


def _account(uid: AccountId) -> RelayAccount:
    return RelayAccount(uid, account_of_sid(str(uid)))


def _check_program(pid: int) -> ListenerProgram:
    """Whether a process runs the agent that was installed with this program; unknown where it may not be looked at."""
    program = process_program(pid)
    if not program or not is_frozen():
        return ListenerProgram(ProgramKind.UNKNOWN, "it may not be looked at")
    is_agent = Path(program) == Path(sys.executable).with_name(AGENT_PROGRAM)
    return ListenerProgram(ProgramKind.AGENT if is_agent else ProgramKind.FOREIGN, program)
