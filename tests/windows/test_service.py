"""The relay as a service of Wine's service manager: started, asked, told of a policy, stopped, started again.

Only under Wine: it makes a service and a folder of all users.
"""

from __future__ import annotations

import ctypes
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.api import DeliveryOutcome
from agent.alerts.transports.relay_pipe import RelayPipeLink
from agent.alerts.verify import verify
from agent.files.administrators_dir import system_administrators_dir
from agent.files.relay_presence import PIPE, SERVICE, relay_address, relay_is_installed
from agent.files.windows_security import own_sid
from tests.agent.alerts.fakes import make_record

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="runs on a Windows Python: make windows-test")

ROOT = Path(__file__).parents[2]
STARTS = 3
POLICY = r"HKLM\Software\Policies\Steadyhand\alerts"
PROGRAM = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from agent.cli import main
sys.exit(main(["relay"]))
"""


def ran(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False).stdout


def comes(true: Callable[[], bool], seconds: float = 60.0) -> bool:
    end_s = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end_s:
            return False
        time.sleep(0.2)
    return True


class Service:
    """The service, and what an administrator sees of it."""

    def __init__(self, folder: Path) -> None:
        self.above = system_administrators_dir()
        self.state = self.above / "relay"
        self.state.mkdir(parents=True)
        script = folder / "service.py"
        script.write_text(PROGRAM)
        ran(
            "sc",
            "create",
            SERVICE,
            "binPath=",
            f"{sys.executable} {script}",
            "obj=",
            rf"NT SERVICE\{SERVICE}",
        )

    def start(self) -> None:
        # Wine's service manager gives up a program that takes long to begin, as on a busy computer.
        for _ in range(STARTS):
            answer = ran("sc", "start", SERVICE)
            if comes(lambda: "RUNNING" in self.word(), 20.0):
                return
        raise AssertionError(answer + self.word() + self.log())

    def word(self) -> str:
        return ran("sc", "query", SERVICE)

    def log(self) -> str:
        file = self.state / "relay.log"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def lines(self) -> list[str]:
        file = self.state / "alerts.jsonl"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def intruders(self) -> list[dict[str, Any]]:
        events = [json.loads(line) for line in self.lines()]
        return [event for event in events if event["unmapped"]["kind"] == "intruder"]

    def remove(self) -> None:
        ran("sc", "stop", SERVICE)
        comes(lambda: "STOPPED" in self.word(), 20.0)
        ran("sc", "delete", SERVICE)
        ran("reg", "delete", POLICY, "/f")
        shutil.rmtree(self.above, ignore_errors=True)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    load: Any = ctypes.WinDLL  # type: ignore[attr-defined]
    if not hasattr(load("ntdll"), "wine_get_version") or relay_is_installed(Path(PIPE)):
        pytest.skip("makes a service, and so only under Wine, where none is installed")
    made = Service(tmp_path)
    yield made
    made.remove()


def test_the_service_takes_alerts_hears_policy_and_ends_in_order(service: Service) -> None:
    assert relay_address(system_administrators_dir()) == Path(PIPE)
    assert relay_is_installed(Path(PIPE))
    record, link = make_record(), RelayPipeLink(PIPE)
    assert link.send([record]).outcome is DeliveryOutcome.RETRY, "it does not run yet"
    service.start()
    assert comes(lambda: link.send([record]).accepted == 1)
    assert comes(lambda: len(service.intruders()) == 1), "what was taken is written a moment later"
    (taken,) = service.intruders()
    assert taken["unmapped"]["peer_sid"] == own_sid()
    ran("reg", "add", POLICY, "/v", "playbook_url", "/d", "https://wiki.example", "/f")
    assert comes(lambda: "policy has changed" in service.log(), 5.0)
    second = make_record()
    assert comes(lambda: link.send([second]).accepted == 1)
    assert comes(lambda: any("wiki.example" in line for line in service.lines()), 5.0)
    ran("sc", "stop", SERVICE)
    assert comes(lambda: "STOPPED" in service.word())
    assert "Traceback" not in service.log()
    assert verify(service.lines()).problems == ()


def test_a_second_start_goes_on_where_the_first_ended(service: Service) -> None:
    link = RelayPipeLink(PIPE)
    sent = []
    for _ in range(2):
        service.start()
        record = make_record()
        assert comes(lambda record=record: link.send([record]).accepted == 1)
        sent.append(record.alert.record_id)
        ran("sc", "stop", SERVICE)
        assert comes(lambda: "STOPPED" in service.word())
    assert [
        event["metadata"]["uid"]
        for event in map(json.loads, service.lines())
        if event["unmapped"]["kind"] == "intruder"
    ] == sent
    report = verify(service.lines())
    assert (report.problems, report.chains) == ((), 1)


def test_a_file_in_the_place_of_the_folder_keeps_it_from_starting(service: Service) -> None:
    shutil.rmtree(service.above)
    service.above.write_text("a file of a user's")
    ran("sc", "start", SERVICE)
    assert comes(lambda: "STOPPED" in service.word())
    assert "1066" in service.word(), "it says that it failed, so that it is started again"
    service.above.unlink()
