"""Settings of the watch over sessions whose agent is gone: the relay's on Linux, the keeper's on Windows."""

from __future__ import annotations

from dataclasses import dataclass

from agent.files.options import setting


@dataclass(frozen=True, slots=True)
class AbsenceSettings:
    """What follows where sessions have no agent. From the administrator's policy alone.

    The relay reads it at its start; on Windows the keeper (packaging/windows/keeper.c) reads it every five seconds.
    """

    answer: str = setting(
        "alert",
        "what follows when a session is shown on a screen and its agent is gone: an alert (alert); the session is "
        "locked through logind, and the greeter shown where it does not say that it is locked (lock); the greeter is "
        "shown whatever the session says (greeter); Windows: both disconnect the session, which shows the lock screen",
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
        "whose agents are missed: those that have ever spoken to the relay (heard; Windows: that have run in the "
        "session), or those of all graphical sessions (everybody)",
        choices=("heard", "everybody"),
    )
