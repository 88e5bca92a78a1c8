"""The page's day: the alerts of the day, the sizes on the disk, the page without a tray."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from agent.alerts.alert import AlertKind
from agent.alerts.api import Record
from agent.alerts.ocsf import Product, to_ocsf
from agent.engine.errors import SteadyhandError
from agent.files.baseline_log import BaselineRecord, append_baseline
from agent.files.day_log_file import Spell, append_spell
from agent.files.drill_log import DrillOutcome, append_drill
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.upload_log import UploadedRecording, write_handed
from agent.runtime.response.alert_wording import AlertWording
from agent.runtime.status.snapshot import State, Status
from agent.runtime.status.status_file import write_status
from agent.ui.day import gather
from agent.ui.without_tray import write_status_page
from tests.agent.ui.test_pages import Reader

SECOND_NS = 1_000_000_000


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    os.chmod(tmp_path, 0o700)
    paths = Paths.under(tmp_path)
    for folder in (paths.state_dir, paths.recordings_dir, paths.profiles_dir):
        folder.mkdir(mode=0o700, parents=True)
    return paths


def alert(paths: Paths, kind: AlertKind, message: str, unix_s: float) -> None:
    made = AlertWording("ada", "desk-7", lambda: int(unix_s * SECOND_NS)).health(kind, message)
    with paths.alerts_file.open("a") as file:
        file.write(json.dumps(to_ocsf(Record("s", 1, made), Product("0.1.0", "Linux"))) + "\n")
    paths.alerts_file.chmod(0o600)


def test_counts_what_is_stored(paths: Paths) -> None:
    (paths.recordings_dir / "a.recording").write_bytes(b"x" * 2_500_000)
    (paths.profiles_dir / "b.profile").write_bytes(b"x" * 1_500)
    day = gather(paths, (), time.time())
    sizes = [(stored.files, stored.size_bytes) for stored in day.stored]
    assert sizes == [(1, 2_500_000), (1, 1_500), (0, 0), (0, 0), (0, 0)]
    assert day.trouble == ()


def test_alerts_that_cannot_be_read_are_said_and_the_rest_is_shown(paths: Paths) -> None:
    alert(paths, AlertKind.PAUSED, "Paused", time.time())
    paths.alerts_file.chmod(0o644)
    day = gather(paths, (), time.time())
    assert day.noticed == ()
    assert "alerts.jsonl" in day.trouble[0]
    assert len(day.stored) == 5


def test_proven_days_and_drills_are_read_and_what_is_damaged_is_said(paths: Paths) -> None:
    taken = BaselineRecord(1_700_000_000, "unlock", "gdm-password", 84, -0.3)
    append_baseline(paths.baselines_file, taken)
    append_drill(paths.drills_file, DrillOutcome(1, 60.0, 40, 30.0, 25))
    day = gather(paths, (), 1_700_000_100.0)
    assert (day.baselines, len(day.drills), day.trouble) == ((taken,), 1, ())
    paths.baselines_file.write_text("{}\n")
    damaged = gather(paths, (), 1_700_000_100.0)
    assert (damaged.baselines, len(damaged.drills)) == ((), 1)
    assert "baselines.jsonl is damaged" in damaged.trouble[0]


def test_the_page_without_a_tray(paths: Paths, tmp_path: Path) -> None:
    now_s = time.time()
    alert(paths, AlertKind.INTRUDER, "probably not the owner", now_s - 60)
    alert(paths, AlertKind.PAUSED, "Paused by the owner, for 15 minutes at most", now_s - 30)
    append_spell(paths.day_file, Spell(int(now_s) - 600, "protecting", 30, 90))
    write_status(paths.status_file, Status(State.PROTECTING, trust=91, user="ada"))
    target = tmp_path / "out" / "page.html"
    write_status_page(target, Status(State.PROTECTING, trust=91, user="ada").to_json(), paths)
    text = Reader(target.read_text()).text
    for part in (
        "91 of 100",
        "Somebody else is using the session",
        "Protection was paused",
        "it reports nothing about how much you work",
        "steadyhand recordings --erase",
    ):
        assert part in text
    assert "<svg" in target.read_text()
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_status_of_another_version_is_one_line(paths: Paths, tmp_path: Path) -> None:
    with pytest.raises(SteadyhandError, match="another version"):
        write_status_page(tmp_path / "page.html", {"state": "hibernating"}, paths)


def test_what_was_handed_over_is_told_with_its_size(paths: Paths) -> None:
    private_dir(paths.state_dir)
    write_handed(paths, [UploadedRecording("a.recording", "0" * 64, "2-x", 60, 10**9, 5185, 1_700_000_000.0)])
    private_dir(paths.outgoing_dir)
    (paths.outgoing_dir / "b.sealed").write_bytes(bytes(99))
    told = {one.what: (one.files, one.size_bytes) for one in gather(paths, (), 1_700_000_000.0).stored}
    assert told["recordings that your administrator has, not here"] == (1, 5185)
    assert told["recordings sealed for your administrator"] == (1, 99)
    paths.handed_file.write_text("[")
    assert gather(paths, (), 1_700_000_000.0).trouble == ()
    assert list(paths.handed_file.parent.glob("handed.json?*")), "set aside, and told by an alert of its own"
