"""Run alerts: how the run before ended, what a proven identity allowed, how this run ends. Pure."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import Final

from agent.alerts.alert import Alert, AlertKind, Severity
from agent.alerts.chained_delivery import Before
from agent.files.version import ProgramVersion, version_numbers
from agent.host.session_fate import SessionFate
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


def restarted(before: Before, now: ClockReading, wording: AlertWording, session: str = "") -> Alert | None:
    """The alert about a run that did not say that it ends; None where all is well.

    It is severe only where the computer and the session went on without the agent. Where they ended too, a display that
    went away before the agent, a power cut and a kill look the same.

    Parameters
    ----------
    before : Before
    now : ClockReading
    wording : AlertWording
    session : str
        The login session now; empty where that is not known, or where it ends.
    """
    if before.problem:
        return wording.health(AlertKind.KILLED, before.problem)
    if before.ended:
        return None
    silent_s = (now.wall_ns - before.last_unix_ns) / 1e9
    down = before.last_unix_ns < now.wall_ns - now.boot_ns
    logged_out = not down and before.session not in ("", session)
    why = "The agent was killed"
    if down:
        why = "The computer went down without ending the agent"
    elif logged_out:
        why = "The session ended before the agent could say so, or the agent was killed in it"
    message = f"{why}; it has started again, {silent_s:.0f} s after its last sign of life"
    went_along = {"session_ended": True} if logged_out else {"computer_restarted": down}
    alert = wording.health(AlertKind.KILLED, message, silent_s=round(silent_s, 1), **went_along)
    return replace(alert, severity=Severity.LOW) if down or logged_out else alert


def upgraded(before: Before, now: ProgramVersion, wording: AlertWording) -> Alert | None:
    """The alert about the first run of another version or build; None where the run before was of the same, or unknown.

    Parameters
    ----------
    before : Before
    now : ProgramVersion
    wording : AlertWording
    """
    last = before.program
    if not before.known or last == now:
        return None
    is_older = bool(last.number) and version_numbers(now.number) < version_numbers(last.number)
    message = f"Steadyhand {now.in_words} runs for the first time; before it ran {last.in_words}"
    return wording.health(
        AlertKind.UPGRADED,
        f"{message}: a downgrade" if is_older else message,
        from_version=last.number,
        to_version=now.number,
        from_commit=last.commit,
        to_commit=now.commit,
        downgrade=is_older,
    )


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


class EndOfRun(Enum):
    """Why a run ends for which nobody proved an identity."""

    SHUTDOWN = "shutdown"
    SESSION_END = "session end"
    RESTART = "restart"
    SIGNAL = "signal"
    ERROR = "error"
    UNKNOWN = "unknown"


_STOPPED_MESSAGES: Final = {
    EndOfRun.SHUTDOWN: "The computer shuts down, and ends the agent",
    EndOfRun.SESSION_END: "The session ends, and ends the agent",
    EndOfRun.RESTART: "The agent restarts by itself, after an update, a changed policy or too much use of the computer",
    EndOfRun.SIGNAL: "A signal ended the agent, and its session goes on without it",
    EndOfRun.ERROR: "An error ended the agent",
    EndOfRun.UNKNOWN: "The agent was ended by a signal or the end of the session",
}
_END_OF_FATE: Final = {
    SessionFate.SHUTTING_DOWN: EndOfRun.SHUTDOWN,
    SessionFate.ENDING: EndOfRun.SESSION_END,
    SessionFate.GOES_ON: EndOfRun.SIGNAL,
    SessionFate.UNKNOWN: EndOfRun.UNKNOWN,
}


def end_of_run(fate: SessionFate, *, ordered: bool, restarts: bool) -> EndOfRun:
    """Why the run ends.

    Parameters
    ----------
    fate : SessionFate
        What the system says of the session.
    ordered : bool
        False if an error ended the agent.
    restarts : bool
        The agent ends only to be started again.
    """
    if not ordered:
        return EndOfRun.ERROR
    return EndOfRun.RESTART if restarts else _END_OF_FATE[fate]


def stopped(end: EndOfRun, wording: AlertWording, reason: str = "") -> Alert:
    """The alert about an end that nobody proved an identity for; of its ends, only a signal is more than routine.

    Parameters
    ----------
    end : EndOfRun
    wording : AlertWording
    reason : str, optional
        Who ended it, where the system says so.
    """
    message = f"The agent was ended by {reason}" if reason else _STOPPED_MESSAGES[end]
    alert = wording.health(AlertKind.STOPPED, message, end=end.value)
    return replace(alert, severity=Severity.MEDIUM) if end is EndOfRun.SIGNAL else alert
