"""Restart: ends the agent where the service manager starts it again, and elsewhere notes that it should be."""

from __future__ import annotations

from typing import Final

from agent.host.servicemanager import ServiceManager
from agent.language.language import mark
from agent.runtime.pipeline.orders import OrderQueue, WorkerOrder
from agent.runtime.status.snapshot import Command
from agent.runtime.status.status_merge import StatusMerge

CHANGED_POLICY: Final = mark(
    "a policy has changed where alerts go or which lockers are tried: that holds from the next start"
)
OVER_BUDGET: Final = mark("the agent uses more of this computer than it may: see its alerts")


class Restarter:
    """Requests a restart of the agent. Any thread.

    Parameters
    ----------
    manager : ServiceManager
    orders : OrderQueue
    status : StatusMerge
    """

    def __init__(self, manager: ServiceManager, orders: OrderQueue, status: StatusMerge) -> None:
        self._manager = manager
        self._orders = orders
        self._status = status
        self._is_requested = False

    @property
    def is_requested(self) -> bool:
        """True once the agent ends only to be started again."""
        return self._is_requested

    def tell(self, reason: str) -> None:
        """Note `reason` in the status, and go on."""
        self._status.note(reason, holds=True)

    def restart(self, reason: str) -> None:
        """End the agent if the service manager starts it again; note `reason` in the status in any case."""
        self._status.note(reason, holds=True)
        if self._manager.restarts_us:
            self._is_requested = True
            self._orders.put(WorkerOrder(Command.QUIT))
