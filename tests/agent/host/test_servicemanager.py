"""The readiness protocol on a real socket, and a unit that keeps what it promises."""

from __future__ import annotations

import configparser
import socket
from pathlib import Path

import pytest

from agent import cli
from agent.engine.errors import SteadyhandError
from agent.host.servicemanager import ServiceManager
from agent.runtime.pipeline.worker import HEARTBEAT_S
from agent.ui.main import QUIT_BY_OWNER

UNIT = Path(__file__).parents[3] / "packaging" / "systemd" / "user" / "steadyhand.service"


@pytest.mark.parametrize("abstract", [True, False])
def test_it_says_how_it_fares(tmp_path: Path, abstract: bool) -> None:
    name = f"@steadyhand-test-{tmp_path.name}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0" + name[1:] if abstract else name)
        listener.settimeout(2)
        manager = ServiceManager({"NOTIFY_SOCKET": name})
        assert manager.restarts_us
        manager.ready()
        manager.alive("protecting")
        manager.stopping()
        said = [listener.recv(256).decode() for _ in range(3)]
    assert said == ["READY=1", "WATCHDOG=1\nSTATUS=protecting", "STOPPING=1"]


def test_where_nobody_listens_nothing_happens(tmp_path: Path) -> None:
    alone = ServiceManager({})
    assert not alone.restarts_us
    alone.ready()
    gone = ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    gone.alive("x")


@pytest.mark.parametrize("kept", [True, False])
def test_a_keeper_of_windows_restarts_the_agent_and_is_told_nothing(kept: bool) -> None:
    manager = ServiceManager({}, lambda: kept)
    assert manager.restarts_us == kept
    assert not manager.listens
    manager.alive("x")


def test_the_unit_keeps_its_promises() -> None:
    unit = configparser.ConfigParser()
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(UNIT)
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert service["Restart"] == "always"
    assert float(service["RestartSec"]) <= 2, "back in 3 s"
    assert float(service["WatchdogSec"]) > 2 * HEARTBEAT_S, "one late sign of life must not kill it"
    assert service["RestartPreventExitStatus"].split() == [str(QUIT_BY_OWNER)], (
        "nothing else ends it for good"
    )
    assert service["KillMode"] == "process", "the locker must not die with the agent"
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"


def test_what_cannot_run_now_says_why_and_waits_before_it_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(cli.time, "sleep", waited.append)
    error = SteadyhandError("another Steadyhand agent already runs", "end it")
    cli._wait_before_the_next_try(ServiceManager({}), error)
    assert waited == [], "a person at a terminal waits for nothing"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        cli._wait_before_the_next_try(ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "notify")}), error)
        told = manager.recv(4096).decode()
    assert "STATUS=another Steadyhand agent already runs" in told
    assert "EXTEND_TIMEOUT_USEC=60000000" in told
    assert waited == [30.0]
