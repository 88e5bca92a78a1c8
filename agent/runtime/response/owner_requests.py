"""Owner requests: what policy allows to ask for, and the question for a proof before it is done."""

from __future__ import annotations

import threading
from typing import Final, Protocol

from agent.config.schema import Settings
from agent.runtime.lifecycle.run_alerts import REAUTHENTICATION_REASONS
from agent.runtime.pipeline.orders import OrderQueue, WorkerOrder
from agent.runtime.response.command_protocol import Reply
from agent.runtime.response.reauthentication_gate import ReauthenticationGate
from agent.runtime.status.snapshot import Command

DONE: Final = Reply(True, "done")
FORBIDDEN: Final = Reply(False, "policy does not allow it")
CANNOT_ASK: Final = Reply(False, "this computer cannot check who you are, so it is not available")
BUSY: Final = Reply(False, "another question is open: answer that one first")
NOT_PROVEN: Final = Reply(False, "you did not prove who you are, so nothing was done")


class SettingsInForce(Protocol):
    """Knows the settings in force. In the agent: `agent.runtime.central.administration.Administration`."""

    @property
    def settings(self) -> Settings:
        """The settings in force, policy included. Any thread."""


class OwnerRequests:
    """Takes requests from the tray and from the command channel. One question at a time. Any thread.

    Parameters
    ----------
    gate : ReauthenticationGate
    orders : OrderQueue
    current : SettingsInForce
    """

    def __init__(self, gate: ReauthenticationGate, orders: OrderQueue, current: SettingsInForce) -> None:
        self._gate = gate
        self._orders = orders
        self._current = current
        self._question = threading.Lock()

    def request(self, command: Command) -> None:
        """Ask, where that is needed, and do it; returns at once. For the tray and buttons."""
        threading.Thread(
            target=self._request, args=(command,), name="steadyhand-request", daemon=True
        ).start()

    def _request(self, command: Command) -> None:
        if self.request_and_wait(command) is CANNOT_ASK:
            self._gate.say_impossible()

    def request_and_wait(self, command: Command) -> Reply:
        """Ask, where that is needed, and do it; blocks until the question is answered, 60 s at most."""
        if not self.is_allowed(command):
            return FORBIDDEN
        if command not in REAUTHENTICATION_REASONS:
            self._orders.put(WorkerOrder(command))
            return DONE
        if not self._gate.possible:
            return CANNOT_ASK
        if not self._question.acquire(blocking=False):
            return BUSY
        try:
            return DONE if self._gate.ask_and_wait(command) else NOT_PROVEN
        finally:
            self._question.release()

    def is_allowed(self, command: Command) -> bool:
        """False where policy forbids it, whoever asks."""
        settings = self._current.settings
        if command is Command.PAUSE:
            return settings.response.pause_allowed
        if command in (Command.ENROL, Command.ENROL_ANEW):
            return settings.enrolment.local
        return True
