"""Who are you? What weakens the protection is done only after the person has proved it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from agent.host.api import Notifier, Reauthentication
from agent.runtime.lifecycle.run_alerts import REASONS
from agent.runtime.status.snapshot import Command


class ReauthenticationGate:
    """Asks on a thread of its own, so that nobody waits for the answer.

    Parameters
    ----------
    reauthentication : Reauthentication
    notifier : Notifier
    proven : callable
        Told the command once the identity is proven. Thread of the question.
    """

    def __init__(
        self, reauthentication: Reauthentication, notifier: Notifier, proven: Callable[[Command], None]
    ) -> None:
        self._reauthentication = reauthentication
        self._notifier = notifier
        self._proven = proven

    @property
    def possible(self) -> bool:
        """True where re-authentication exists: without it, what needs it is not available."""
        return self._reauthentication.available()

    def ask(self, command: Command) -> None:
        """Ask before `command`; returns at once."""
        threading.Thread(target=self._ask, args=(command,), name="steadyhand-ask", daemon=True).start()

    def _ask(self, command: Command) -> None:
        if not self.possible:
            self._notifier.show(
                "Not available here",
                f"This computer cannot check who you are, so you cannot {REASONS[command]}.",
            )
        elif self._reauthentication.confirm(REASONS[command]):
            self._proven(command)
