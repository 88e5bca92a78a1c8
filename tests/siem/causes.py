"""What one cause raises on one computer, with and without a relay, by the agent's and the relay's own code."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from bench.fleet.agent_life import AgentLife
from bench.fleet.happenings import FleetComputer, Happening, History, Machine, Turn
from bench.fleet.relay_life import RelayLife

_DAY_S = 1_773_000_000.0
_AT_S = _DAY_S + 3_600.0
_ROUTINE = frozenset({"heartbeat"})
COMPUTER = FleetComputer(
    number=1,
    machine=Machine.LAPTOP,
    zone="Europe/Berlin",
    has_relay=False,
    stays_on=False,
    shuts_down=True,
    clock_error_s=0.0,
    keeps_local_time=False,
    has_old_battery=False,
    begins_s=0.0,
    ends_s=2e9,
)
_NEXT = {
    Happening.SLEEP: (Turn(_AT_S + 1800, Happening.WAKE),),
    Happening.LOGOUT: (Turn(_AT_S + 60, Happening.LOGIN),),
    Happening.SHUTDOWN: (Turn(_AT_S + 3600, Happening.POWER_ON), Turn(_AT_S + 3610, Happening.LOGIN)),
    Happening.POWER_LOST: (Turn(_AT_S + 600, Happening.POWER_ON), Turn(_AT_S + 610, Happening.LOGIN)),
    Happening.FREEZE: (
        Turn(_AT_S + 900, Happening.THAW),
        Turn(_AT_S + 900.01, Happening.CLOCK_SET, -900.0),
        Turn(_AT_S + 930, Happening.CLOCK_SET, 0.0),
    ),
}


def raised_by(
    happening: Happening, *, relay: bool, loses_display: bool = False, step_s: float = 0.0
) -> list[tuple[str, int]]:
    """Kinds and severities of one cause's alerts, in order, with what brings the computer back; heartbeats left out."""
    computer = replace(COMPUTER, number=2 if loses_display else 1, has_relay=relay)
    turns = (
        Turn(_DAY_S, Happening.POWER_ON),
        Turn(_DAY_S + 10, Happening.LOGIN),
        Turn(_AT_S, happening, step_s),
        *_NEXT.get(happening, ()),
        # Until here time goes on.
        Turn(_AT_S + 7200, Happening.POLICY),
    )
    history = History(computer, turns, ())
    raised = AgentLife(computer, Random(1), seals=False).live(history)
    if relay:
        raised = RelayLife(history, "00000000-0000-0000-0000-000000000001", seals=False).pass_on(raised)
    since_s = _AT_S - 1.0
    return [
        (alert.alert.kind.value, int(alert.alert.severity))
        for alert in raised
        if alert.true_s >= since_s and alert.alert.kind.value not in _ROUTINE
    ]
