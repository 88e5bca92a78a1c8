"""Settings of the relay's watch over sessions whose agent is gone."""

from __future__ import annotations

from dataclasses import dataclass

from agent.files.options import setting


@dataclass(frozen=True, slots=True)
class AbsenceSettings:
    """What the relay does about sessions whose agent is gone. Read at the relay's start, from root's policy alone."""

    answer: str = setting(
        "alert",
        "what follows when a session is shown on a screen and its agent is gone: an alert (alert); the session is "
        "locked through logind, and the greeter shown where it does not say that it is locked (lock); the greeter is "
        "shown whatever the session says (greeter)",
        choices=("alert", "lock", "greeter"),
    )
    after_s: float = setting(
        150.0,
        "seconds that the session may go on without an agent, and after each unlock again",
        least=15.0,
        most=3600.0,
    )
    expected_of: str = setting(
        "heard",
        "whose agents are missed: those that have ever spoken to the relay (heard), or those of all graphical sessions "
        "(everybody)",
        choices=("heard", "everybody"),
    )
