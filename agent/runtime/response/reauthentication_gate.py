"""Re-authentication gate: a command that weakens the protection is executed only on a proven identity."""

from __future__ import annotations

import threading
from typing import Protocol

from agent.host.api import Notifier, Reauthentication
from agent.runtime.lifecycle.run_alerts import REAUTHENTICATION_REASONS
from agent.runtime.status.snapshot import Command


class OwnerCommands(Protocol):
    """Executes the owner's commands. In the agent: `agent.runtime.response.owner_commands.RunningOwnerCommands`."""

    def question_asked(self, command: Command) -> None:
        """The owner is being asked for a proof, for `command`. Thread of the question."""

    def execute(self, command: Command) -> None:
        """Do what the owner asked for, who has proved who they are. Thread of the question."""

    def refused(self, command: Command) -> None:
        """No proof was given. Thread of the question."""


class ReauthenticationGate:
    """Asks for a proof on a thread of its own, so that nobody waits for the answer.

    Parameters
    ----------
    reauthentication : Reauthentication
    notifier : Notifier
    commands : OwnerCommands
    """

    def __init__(
        self, reauthentication: Reauthentication, notifier: Notifier, commands: OwnerCommands
    ) -> None:
        self._reauthentication = reauthentication
        self._notifier = notifier
        self._commands = commands

    @property
    def possible(self) -> bool:
        """True where re-authentication exists: without it, what needs it is not available."""
        return self._reauthentication.available()

    def ask(self, command: Command) -> None:
        """Ask before `command`; returns at once."""
        threading.Thread(
            target=self.ask_and_wait, args=(command,), name="steadyhand-reauthentication", daemon=True
        ).start()

    def ask_and_wait(self, command: Command) -> bool:
        """Ask before `command`, and execute it on a proven identity; blocks up to 60 s. True if it was executed."""
        reason = REAUTHENTICATION_REASONS[command]
        if not self.possible:
            self._notifier.show(
                "Not available here",
                f"This computer cannot check who you are, so you cannot {reason}.",
            )
            return False
        self._commands.question_asked(command)
        if not self._reauthentication.confirm(reason):
            self._commands.refused(command)
            return False
        self._commands.execute(command)
        return True
