"""Owner commands: what follows when the owner asks for something and proves who they are, or does not."""

from __future__ import annotations

import time
from typing import Final

from agent.engine.day_baseline import Proof
from agent.host.api import IdentityProof
from agent.runtime.lifecycle.run_reporter import RunReporter
from agent.runtime.pipeline.orders import OrderQueue, WorkerOrder
from agent.runtime.response.responder import Responder
from agent.runtime.status.snapshot import Command

CONFIRMING: Final = (Command.IT_WAS_ME, Command.ENROL_ANEW)
"""Commands whose proof says that it was the owner who moved the mouse until now."""


class RunningOwnerCommands:
    """Executes commands in the running agent. Thread of the question.

    Parameters
    ----------
    responder : Responder
    reporter : RunReporter
    orders : OrderQueue
    authority : str
        Who proved the identity, for the record.
    """

    def __init__(
        self, responder: Responder, reporter: RunReporter, orders: OrderQueue, authority: str
    ) -> None:
        self._responder = responder
        self._reporter = reporter
        self._orders = orders
        self._authority = authority

    def question_asked(self, command: Command) -> None:
        """Hold a countdown under way while the owner is asked for what would end it."""
        if command in CONFIRMING:
            self._responder.question_asked()

    def execute(self, command: Command) -> None:
        """Report the proof and do what was asked for."""
        if command in CONFIRMING:
            self._responder.withdraw()
        self._reporter.confirmed(command)
        proof = IdentityProof(Proof.CONFIRMED, time.monotonic_ns(), self._authority)
        self._orders.put(WorkerOrder(command, proof=proof if command in CONFIRMING else None))

    def refused(self, command: Command) -> None:
        """Lock at once where the proof would have broken the countdown off."""
        if command in CONFIRMING:
            self._responder.question_refused()
