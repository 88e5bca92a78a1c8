"""A restart happens where somebody starts the agent again; elsewhere it is a note."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.host.ring import Ring
from agent.host.servicemanager import ServiceManager
from agent.runtime.lifecycle.restart import Restarter
from agent.runtime.pipeline.orders import OrderQueue, WorkerOrder
from agent.runtime.status.snapshot import Command, Status
from agent.runtime.status.status_merge import StatusMerge


@pytest.mark.parametrize(
    ("environ", "order"), [({"NOTIFY_SOCKET": "/run/x"}, WorkerOrder(Command.QUIT)), ({}, None)]
)
def test_it_ends_only_where_somebody_starts_it_again(
    tmp_path: Path, environ: dict[str, str], order: WorkerOrder | None
) -> None:
    tmp_path.chmod(0o700)
    status = StatusMerge(tmp_path / "status.json", Status())
    orders = OrderQueue(Ring())
    Restarter(ServiceManager(environ), orders, status).restart("the policy has changed")
    assert status.status.notes == ("the policy has changed",)
    assert orders.next_order() == order
    assert orders.next_order() is None
