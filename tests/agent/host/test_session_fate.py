"""What becomes of the session while the agent is ended: shutdown, logout, neither, or nobody says."""

from __future__ import annotations

from typing import Any

import pytest

from agent.host.linux.bus import BusError
from agent.host.linux.logind import LogindSession
from agent.host.linux.session_fate import LinuxSessionFate
from agent.host.session_fate import SessionFate
from tests.agent.host.conftest import ScriptedBus

LOGIN1, SYSTEMD = "org.freedesktop.login1", "org.freedesktop.systemd1"
SILENT = BusError("nobody answers: a test")


def fate(bus: ScriptedBus, **answers: Any) -> SessionFate:
    """Each answer by the property's or method's name; what is not given goes on as usual."""
    usual: dict[str, Any] = {
        "PreparingForShutdown": False,
        "GetSession": ("/session/1",),
        "State": "active",
        "GetUser": ("/user/1000",),
        "UserState": "active",
        "SystemState": "running",
        "GetUnit": ("/unit/target",),
        "ActiveState": "active",
        "Job": (0, "/"),
        "JobType": "stop",
    }
    interfaces = {
        "PreparingForShutdown": f"{LOGIN1}.Manager",
        "GetSession": f"{LOGIN1}.Manager",
        "State": f"{LOGIN1}.Session",
        "GetUser": f"{LOGIN1}.Manager",
        "UserState": f"{LOGIN1}.User",
        "SystemState": f"{SYSTEMD}.Manager",
        "GetUnit": f"{SYSTEMD}.Manager",
        "ActiveState": f"{SYSTEMD}.Unit",
        "Job": f"{SYSTEMD}.Unit",
        "JobType": f"{SYSTEMD}.Job",
    }
    bus.answers = {
        f"{interfaces[name]}.{name.removeprefix('User')}": answer
        for name, answer in (usual | answers).items()
    }
    return LinuxSessionFate(bus, LogindSession(bus)).ask()


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, SessionFate.GOES_ON),
        ({"PreparingForShutdown": True}, SessionFate.SHUTTING_DOWN),
        ({"State": "closing"}, SessionFate.ENDING),
        ({"SystemState": "stopping"}, SessionFate.ENDING),
        # The user's bus goes away with the session: logind still knows.
        ({"UserState": "closing", "SystemState": SILENT, "GetUnit": SILENT}, SessionFate.ENDING),
        ({"GetSession": SILENT, "UserState": "lingering"}, SessionFate.ENDING),
        ({"GetUser": SILENT}, SessionFate.GOES_ON),
        ({"ActiveState": "deactivating"}, SessionFate.ENDING),
        # A target whose units are being stopped is active until they have stopped.
        ({"Job": (77, "/job/77")}, SessionFate.ENDING),
        ({"Job": (77, "/job/77"), "JobType": "start"}, SessionFate.GOES_ON),
        # Desktops without the target: what ends the agent cannot be told.
        ({"ActiveState": "inactive"}, SessionFate.UNKNOWN),
        ({"GetUnit": SILENT}, SessionFate.UNKNOWN),
        ({"PreparingForShutdown": SILENT, "GetSession": SILENT}, SessionFate.GOES_ON),
        (
            {
                "PreparingForShutdown": SILENT,
                "GetSession": SILENT,
                "GetUser": SILENT,
                "SystemState": SILENT,
                "GetUnit": SILENT,
            },
            SessionFate.UNKNOWN,
        ),
        ({"Job": "an answer of another form"}, SessionFate.GOES_ON),
    ],
)
def test_the_fate_of_a_session(bus: ScriptedBus, answers: dict[str, Any], expected: SessionFate) -> None:
    assert fate(bus, **answers) is expected
