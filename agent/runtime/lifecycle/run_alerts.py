"""Run alerts: how the run before ended, what a proven identity allowed, how this run ends. Pure."""

from __future__ import annotations

from typing import Final

from agent.alerts.alert import Alert, AlertKind
from agent.alerts.chained_delivery import Before
from agent.runtime.lifecycle.resource_budget import ClockReading
from agent.runtime.response.alert_wording import AlertWording
from agent.runtime.status.snapshot import Command

# Whatever weakens the protection needs a proven identity first.
REAUTHENTICATION_REASONS: Final = {
    Command.PAUSE: "pause Steadyhand on this computer",
    Command.QUIT: "stop Steadyhand on this computer",
    Command.DRILL: "let a colleague take the mouse for a drill",
    Command.ENROL: "teach Steadyhand this mouse",
    Command.IT_WAS_ME: "confirm that it was you",
    Command.ENROL_ANEW: "have Steadyhand learn anew how you move the mouse",
}


def restarted(before: Before, now: ClockReading, wording: AlertWording) -> Alert | None:
    """The alert about a run that did not say that it ends; None where all is well."""
    if before.problem:
        return wording.health(AlertKind.KILLED, before.problem)
    if before.ended:
        return None
    silent_s = (now.wall_ns - before.last_unix_ns) / 1e9
    down = before.last_unix_ns < now.wall_ns - now.boot_ns
    why = "The computer went down without ending the agent" if down else "The agent was killed"
    message = f"{why}; it has started again, {silent_s:.0f} s after its last sign of life"
    return wording.health(AlertKind.KILLED, message, silent_s=round(silent_s, 1), computer_restarted=down)


def confirmed(command: Command, wording: AlertWording) -> Alert | None:
    """The alert about what a proven identity allowed; that of a pause is raised where it begins."""
    if command in (Command.PAUSE, Command.DRILL):
        return None
    if command is Command.QUIT:
        return wording.health(AlertKind.QUIT, "The owner ended the agent", authenticated=True)
    if command is Command.ENROL_ANEW:
        return wording.health(AlertKind.CONFIRMED, "Enrolled anew", authenticated=True)
    what = f"The owner proved who they are, to {REAUTHENTICATION_REASONS[command]}"
    return wording.health(AlertKind.CONFIRMED, what, authenticated=True)


def stopped(ordered: bool, wording: AlertWording, reason: str = "") -> Alert:
    """The alert about an end that nobody proved an identity for.

    Parameters
    ----------
    ordered : bool
        False if an error ended the agent.
    wording : AlertWording
    reason : str, optional
        Who ended it, where the system says so.
    """
    signal = f"The agent was ended by {reason or 'a signal or the end of the session'}"
    return wording.health(AlertKind.STOPPED, signal if ordered else "An error ended the agent")
