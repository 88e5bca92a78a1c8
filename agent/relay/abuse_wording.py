"""Wording of abuse of the relay: what the programs of an account did, and how often."""

from __future__ import annotations

from typing import Final

from agent.engine.sentence import quantity

GARBAGE: Final = "garbage"
TOO_MANY: Final = "too many alerts"
CONNECTIONS: Final = "too many connections"
NO_AGENT: Final = "not the agent"

_ABUSES: Final = {
    GARBAGE: ("sent", "packet that is no alert", "packets that are no alerts"),
    TOO_MANY: ("sent more than their share of a minute, kept waiting at the sender:", "alert", "alerts"),
    CONNECTIONS: ("opened", "connection beyond their share", "connections beyond their share"),
    NO_AGENT: ("spoke as the agent and are not, which did not count as its sign of life:", "time", "times"),
}


def abuse_in_words(how: str, count: int) -> str:
    """What was done `count` times; `how` is one of the names above."""
    verb, single, several = _ABUSES[how]
    return f"{verb} {quantity(count, single, several)}"
