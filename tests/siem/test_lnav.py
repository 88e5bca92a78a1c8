"""A finding as an analyst reads it in lnav, by the format of packaging/siem/lnav."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from agent.alerts.alert import AlertKind
from agent.host.api import LockResult
from tests.siem.streams import MINUTE_S, Computer

FORMAT = Path(__file__).parents[2] / "packaging" / "siem" / "lnav" / "steadyhand.json"


@pytest.mark.skipif(shutil.which("lnav") is None, reason="lnav is not installed")
def test_lnav_shows_when_how_grave_who_what_and_whether_it_locked(tmp_path: Path) -> None:
    installed = tmp_path / ".lnav" / "formats" / "installed"
    installed.mkdir(parents=True)
    shutil.copy(FORMAT, installed)
    desk = Computer(user="ada", host="desk-7")
    desk.raise_(0, AlertKind.HEARTBEAT)
    finding = desk.intruder(MINUTE_S)
    desk.lock(MINUTE_S + 6, finding, LockResult.LOCKED)
    alerts = tmp_path / "alerts.jsonl"
    alerts.write_text("".join(json.dumps(event) + "\n" for event in desk.events()), encoding="utf-8")
    ended = subprocess.run(
        ["lnav", "-n", str(alerts)],
        env={"HOME": str(tmp_path), "TERM": "xterm", "PATH": "/usr/bin:/bin", "TZ": "UTC"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    shown = [" ".join(line.split()) for line in ended.stdout.splitlines()]
    short = finding.finding_id[:8]
    assert shown[1] == (
        f"2026-09-21 14:14:20 High intruder {short} ada@desk-7 "
        "The mouse is moved unlike its owner: 20 actions in 60 s"
    )
    assert shown[2] == (
        f"2026-09-21 14:14:26 Medium lock result {short} ada@desk-7 The screen was locked by i3lock locked"
    )
