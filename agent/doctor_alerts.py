"""The doctor's look at where alerts go: by the settings, or by sending one."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

from agent.alerts.api import DeliveryOutcome
from agent.alerts.destination_check import trial_alert, try_destinations
from agent.alerts.destinations import build_transports
from agent.alerts.ocsf import this_product
from agent.alerts.outbox.dead_letters import read_dead_letters
from agent.alerts.settings import AlertSettings
from agent.alerts.transports.registry import transport_kinds
from agent.engine.sentence import quantity
from agent.files.documents import document_path
from agent.files.paths import Paths
from agent.files.relay_presence import START, relay_is_installed
from agent.files.version import agent_version
from agent.findings import Finding, Health
from agent.host.account import account_name

_LEAVE = f"set a destination in [alerts] ({document_path('alerts.md')}), so that alerts leave this computer"
_REFUSED = "find out why the receiver refuses them; they stay in the outbox, in the table dead_letter"
_MEND = "mend it, then: steadyhand doctor --test-alert; until then alerts wait on this computer"


def look_at_alerts(settings: AlertSettings, paths: Paths, *, send: bool) -> Iterator[Finding]:
    """Where alerts go; with `send`, whether a test alert arrives there, one finding a destination.

    Parameters
    ----------
    settings : AlertSettings
    paths : Paths
    send : bool
        Really send one. Blocks until every destination has answered, half a minute at most.
    """
    transports = build_transports(settings, paths.alerts_file, this_product(agent_version()))
    names = ", ".join(transport.name for transport in transports)
    away = len(transports) > 1
    seen = f"JSON lines in {paths.alerts_file}" + (f"; destinations: {names}" if away else "")
    yield Finding("alerts", Health.OK if away else Health.DEGRADED, seen, "" if away else _LEAVE)
    yield from _relay_only(settings, paths)
    yield from _dead_letters(paths)
    if send:
        alert = trial_alert(account_name(), socket.gethostname(), time.time_ns())
        for tried in try_destinations(transports, alert):
            if tried.outcome is DeliveryOutcome.OK:
                yield Finding("test alert", Health.OK, f"{tried.name}: it took {alert.record_id}")
            else:
                outcome_line = f"{tried.name}: {tried.outcome.value}, {tried.detail}"
                yield Finding("test alert", Health.BROKEN, outcome_line, _MEND)


def _relay_only(settings: AlertSettings, paths: Paths) -> Iterator[Finding]:
    """A finding where policy asks for what only the relay sends."""
    wanted = {kind.switch for kind, _ in settings.wanted() if kind.relay_only}
    names = ", ".join(name for name, kind in transport_kinds().items() if kind.switch in wanted)
    if names and relay_is_installed(paths.relay_socket):
        yield Finding("relay", Health.OK, f"the relay sends what only it may: {names}", "")
    elif names:
        seen = f"{names} is for the relay alone, and there is none: nothing is sent there"
        yield Finding("relay", Health.DEGRADED, seen, f"run: {START}")


def _dead_letters(paths: Paths) -> Iterator[Finding]:
    """A finding where a destination refused alerts for good."""
    try:
        letters = read_dead_letters(paths.outbox)
    except OSError as error:
        yield Finding("dead letters", Health.BROKEN, f"the outbox cannot be read: {error}", _MEND)
        return
    if letters:
        last = letters[-1]
        seen = (
            f"{quantity(len(letters), 'alert was', 'alerts were')} refused "
            f"for good; the last by {last.destination}: {last.reason}"
        )
        yield Finding("dead letters", Health.DEGRADED, seen, _REFUSED)
