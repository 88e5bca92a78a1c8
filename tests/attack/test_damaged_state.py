"""The real agent starts on damaged files of its state folder, sets each aside, says so, and goes on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.verify import verify
from agent.files.paths import Paths
from agent.files.private import private_dir, write_private
from tests.agent.relay.test_relay import agent_under
from tests.attack.accounts import comes

if sys.platform != "linux":
    pytest.skip("the agent is started as on Linux", allow_module_level=True)

CHAIN = (
    '{"chain": "00000000-0000-4000-8000-000000000000", "number": %s, "hash": "'
    + "0" * 64
    + '", "alert": "%s",'
    ' "ended": false, "last_unix_ns": %s}'
)
_ALERT = (
    '{"form":1,"finding_id":"f","record_id":"%s","kind":"quit","activity":1,"severity":1,"time_unix_ns":%s,'
    '"user":"u","host":"h","message":"m","reasons":[],"detail":{}}'
)
ALERT = _ALERT.replace('"', '\\"')


def lines(paths: Paths) -> list[str]:
    return paths.alerts_file.read_text().split("\n") if paths.alerts_file.exists() else []


def told(paths: Paths, kind: str) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in lines(paths) if line]
    return [event for event in events if event["unmapped"]["kind"] == kind]


@pytest.mark.slow
@pytest.mark.parametrize(
    "chain",
    [CHAIN % ("1", "", "1e999"), CHAIN % ("1", ALERT % ("\\\\ud800", 1), "1"), "[" * 60_000],
    ids=["1e999", "surrogate", "deep"],
)
def test_a_start_with_damaged_files(tmp_path: Path, chain: str) -> None:
    paths = Paths.under(tmp_path)
    private_dir(paths.state_dir)
    damaged = (paths.marks_file, paths.recordings_known_file)
    write_private(paths.chain_file, chain.encode())
    for file in damaged:
        write_private(file, b'{"a": 1e999}')
    with agent_under(tmp_path) as agent:
        assert comes(lambda: bool(told(paths, "heartbeat") or told(paths, "started")), 30)
        assert comes(lambda: len(told(paths, "file damaged")) >= 2, 30)
        assert agent.poll() is None
        assert comes(lambda: "chain of alerts begins anew" in paths.status_file.read_text())
        agent.terminate()
        assert agent.wait(20) == 0
    assert (paths.state_dir / "chain.json.damaged").read_bytes() == chain.encode()
    assert verify(lines(paths)).problems == ()
