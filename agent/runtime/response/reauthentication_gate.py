"""Re-authentication gate: a command that weakens the protection is executed only on a proven identity."""

from __future__ import annotations

from typing import Final, Protocol

from agent.host.api import Reauthentication
from agent.host.notifier import Notifier
from agent.language.language import mark
from agent.runtime.lifecycle.run_alerts import REAUTHENTICATION_REASONS
from agent.runtime.status.snapshot import Command

NOT_AVAILABLE: Final = mark("Not available here")
CANNOT_CHECK: Final = mark(
    "This computer cannot ask for your password, so Steadyhand cannot do this here. Ask your administrator."
)


class OwnerCommands(Protocol):
    """Executes the owner's commands. In the agent: `agent.runtime.response.owner_commands.RunningOwnerCommands`."""

    def question_asked(self, command: Command) -> None:
        """The owner is being asked for a proof, for `command`. Thread of the question."""

    def execute(self, command: Command) -> None:
        """Do what the owner asked for, who has proved who they are. Thread of the question."""

    def refused(self, command: Command) -> None:
        """No proof was given. Thread of the question."""


class ReauthenticationGate:
    """Asks for a proof before a command.

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

    def say_impossible(self) -> None:
        """Tell the person that nobody can be asked here. May block 200 ms."""
        self._notifier.show(NOT_AVAILABLE, CANNOT_CHECK)

    def ask_and_wait(self, command: Command) -> bool:
        """Ask before `command`, and execute it on a proven identity; blocks up to 60 s. True if it was executed."""
        reason = REAUTHENTICATION_REASONS[command]
        if not self.possible:
            self.say_impossible()
            return False
        self._commands.question_asked(command)
        if not self._reauthentication.confirm(reason):
            self._commands.refused(command)
            return False
        self._commands.execute(command)
        return True
