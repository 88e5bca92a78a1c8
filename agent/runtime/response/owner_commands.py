"""Owner commands: what follows when the owner asks for something and proves who they are, or does not."""

from __future__ import annotations

from agent.runtime.lifecycle.run_reporter import RunReporter
from agent.runtime.pipeline.orders import OrderQueue, WorkerOrder
from agent.runtime.response.responder import Responder
from agent.runtime.status.snapshot import Command


class RunningOwnerCommands:
    """Executes commands in the running agent. Thread of the question.

    Parameters
    ----------
    responder : Responder
    reporter : RunReporter
    orders : OrderQueue
    """

    def __init__(self, responder: Responder, reporter: RunReporter, orders: OrderQueue) -> None:
        self._responder = responder
        self._reporter = reporter
        self._orders = orders

    def question_asked(self, command: Command) -> None:
        """Hold a countdown under way while the owner says "that was me"."""
        if command is Command.IT_WAS_ME:
            self._responder.question_asked()

    def execute(self, command: Command) -> None:
        """Report the proof and do what was asked for."""
        if command is Command.IT_WAS_ME:
            self._responder.withdraw()
        self._reporter.confirmed(command)
        self._orders.put(WorkerOrder(command))

    def refused(self, command: Command) -> None:
        """Lock at once where the proof would have broken the countdown off."""
        if command is Command.IT_WAS_ME:
            self._responder.question_refused()
