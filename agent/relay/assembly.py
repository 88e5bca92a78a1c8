"""Assembly of the relay: what its service has in common on every operating system, put together."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

from agent.alerts.chained_delivery import ChainedDelivery
from agent.alerts.destinations import open_delivery
from agent.alerts.transports.kind import RelayServices
from agent.config.absence_settings import AbsenceSettings
from agent.config.loading import load_configuration
from agent.config.schema import Settings
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.version import agent_version
from agent.host.listener_program import ListenerProgram
from agent.relay.accounts import AccountId, Accounts, RelayAccount
from agent.relay.active_sessions import AccountsHere
from agent.relay.agent_programs import AgentPrograms
from agent.relay.intake import Intake
from agent.relay.raised_alerts import RaisedAlerts
from agent.relay.register_file import NAME, RegisterFile
from agent.relay.session_ends import SessionEnds
from agent.relay.session_guard import SessionGuard


@dataclass(frozen=True, slots=True)
class RelayPlatform:
    """What the relay needs of the operating system.

    Attributes
    ----------
    boot_id : str
        Names this start of the computer; empty where nobody tells.
    look_up : callable
        An account by its number or SID.
    check : callable
        Which program a process runs; blocks.
    guard : callable or None
        Makes the guard of the sessions; None where nobody can lock others' sessions.
    accounts_here : callable or None
        As `SessionEnds` takes it; None where nobody tells which accounts have sessions.
    """

    boot_id: str
    look_up: Callable[[AccountId], RelayAccount]
    check: Callable[[int], ListenerProgram]
    guard: Callable[[AbsenceSettings, Executor], SessionGuard] | None = None
    accounts_here: Callable[[], AccountsHere | None] | None = None


@contextlib.contextmanager
def relay_intake(paths: Paths, platform: RelayPlatform) -> Iterator[Intake]:
    """An intake that takes alerts while the block runs.

    Raises
    ------
    SteadyhandError, OSError
        If the folders cannot be used.
    """
    private_dir(paths.state_dir)
    settings = load_configuration(paths, strict=False).settings
    raised = RaisedAlerts()
    delivery = _open_delivery(paths, settings, raised)
    before = delivery.resume()
    raised.connect(delivery)
    register_file = RegisterFile(paths.state_dir / NAME, platform.boot_id)
    with (
        ThreadPoolExecutor(1, "steadyhand-screens") as executor,
        ThreadPoolExecutor(1, "steadyhand-check") as asker,
    ):
        guard = platform.guard(settings.absence, executor) if platform.guard is not None else None
        host, playbooks = socket.gethostname(), settings.alerts.playbook_url
        programs = AgentPrograms(platform.check, asker)
        clocks = (time.monotonic_ns, time.time_ns)
        accounts = Accounts(platform.look_up)
        ends = SessionEnds(platform.accounts_here) if platform.accounts_here is not None else None
        intake = Intake(delivery, register_file, host, *clocks, guard, playbooks, programs, accounts, ends)
        intake.begin((before.problem,))
        yield intake
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
