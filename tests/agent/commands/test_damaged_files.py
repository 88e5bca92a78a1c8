"""Damaged files of status, day and alerts: `steadyhand status` says so in a line a file and shows the rest."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from agent.alerts.alert import AlertKind
from agent.alerts.api import Record
from agent.alerts.ocsf import Product, to_ocsf
from agent.cli import main
from agent.engine.mouse import MouseConfiguration
from agent.files.paths import Paths
from agent.files.private import private_dir, write_private
from agent.runtime.response.alert_wording import AlertWording
from agent.runtime.status.snapshot import State, Status
from tests.agent.ui.test_pages import Reader

STATUS = Status(
    State.PROTECTING,
    trust=91,
    user="ada",
    mouse="Test mouse",
    configuration=MouseConfiguration("evdev", name="Test mouse"),
).to_json()


def alert() -> dict[str, Any]:
    made = AlertWording("ada", "desk-7", time.time_ns).health(AlertKind.PAUSED, "Paused by the owner")
    return to_ocsf(Record("s", 1, made), Product("0.1.0", "Linux"))


def spell() -> dict[str, Any]:
    return {"t_unix_s": int(time.time()) - 600, "state": "protecting", "low": 30, "last": 90}


DOCUMENTS: dict[str, Callable[[], dict[str, Any]]] = {
    "status": lambda: dict(STATUS),
    "day": spell,
    "alerts": alert,
}


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    made = Paths.under(private_dir(tmp_path / "root"))
    private_dir(made.state_dir)
    monkeypatch.setattr("agent.files.paths.Paths.of_user", classmethod(lambda _cls: made))
    for name, document in DOCUMENTS.items():
        write_private(file_of(made, name), json.dumps(document()).encode() + b"\n")
    return made


def file_of(paths: Paths, name: str) -> Path:
    return {"status": paths.status_file, "day": paths.day_file, "alerts": paths.alerts_file}[name]


def in_bytes(content: bytes) -> Callable[[Path], None]:
    return lambda path: write_private(path, content)


def replaced(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        path.unlink()
        make(path)

    return damage


DAMAGES: dict[str, Callable[[Path], None]] = {
    "truncated": lambda path: write_private(path, path.read_bytes()[:-20]),
    "binary": in_bytes(bytes(range(256))),
    "zeros": in_bytes(bytes(512)),
    "a list": in_bytes(b"[1]\n"),
    "a text": in_bytes(b'"ada"\n'),
    "not a number": in_bytes(b'{"state": NaN}\n'),
    "beyond all numbers": in_bytes(b'{"state": 1e999}\n'),
    "many digits": in_bytes(b'{"state": ' + b"9" * 5000 + b"}\n"),
    "nested deeply": in_bytes(b"[" * 100_000 + b"\n"),
    "half a pair": in_bytes(b'{"state": "\\ud800"}\n'),
    "a key twice": in_bytes(b'{"state": "protecting", "state": "locked"}\n'),
    "too large": in_bytes(b"x" * 2_100_000),
    "a folder": replaced(Path.mkdir),
    "a pipe": replaced(os.mkfifo),
    "a link": replaced(lambda path: path.symlink_to("/dev/zero")),
    "a link to itself": replaced(lambda path: path.symlink_to(path)),
    "open to others": lambda path: path.chmod(0o666),
    "a second name": lambda path: os.link(path, path.with_name("second")),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("name", ["day", "alerts"])
def test_the_page_names_the_damaged_file_and_shows_the_rest(
    paths: Paths,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    damage: Callable[[Path], None],
) -> None:
    damage(file_of(paths, name))
    page = tmp_path / "page.html"
    assert main(["status", "--page", str(page)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert str(file_of(paths, name)) in line
    shown = Reader(page.read_text()).text
    assert "91 of 100" in shown
    assert str(file_of(paths, name)) in shown
    assert ('<svg class="chart"' in page.read_text()) is (name == "alerts")
    assert ("Protection was paused" in shown) is (name == "day")
    assert main(["status"]) == 1
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("more", [(), ("--json",), ("--page", "page.html")])
def test_a_status_file_that_is_none_is_one_line(
    paths: Paths,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    more: tuple[str, ...],
    damage: Callable[[Path], None],
) -> None:
    monkeypatch.chdir(tmp_path)
    damage(paths.status_file)
    assert main(["status", *more]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert str(paths.status_file) in line
    assert not (tmp_path / "page.html").exists()


WRONG: dict[str, Any] = {
    "trust": "much",
    "detail": 7,
    "mouse": ["a"],
    "configuration": [1],
    "sufficiency": {"hours": "x"},
    "enrolled_share": -1,
    "hours_left": "soon",
    "actions": -5,
    "events": 1.5,
    "waiting_alerts": None,
    "last_lock": {},
    "doubted_unix_s": -1.0,
    "locks_suspended": "no",
    "countdown_s": 1e300,
    "notes": [1, None],
    "mode": None,
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_field_of_the_status_is_named_and_the_rest_is_shown(
    paths: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    write_private(paths.status_file, json.dumps({**STATUS, name: WRONG[name]}).encode())
    assert main(["status"]) == 1
    text, error = capsys.readouterr()
    assert "cannot be read" in text
    assert "protecting" in text
    assert "ada" in text
    assert len(error.splitlines()) == 1
    assert str(paths.status_file) in error
    assert name in error
    page = tmp_path / "page.html"
    assert main(["status", "--page", str(page)]) == 1
    assert capsys.readouterr().err == error
    shown = Reader(page.read_text()).text
    assert "Protecting this session" in shown
    assert str(paths.status_file) in shown


@pytest.mark.parametrize("state", ["hibernating", 3, None, []])
def test_without_a_state_there_is_no_page(
    paths: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str], state: Any
) -> None:
    write_private(paths.status_file, json.dumps({**STATUS, "state": state}).encode())
    assert main(["status", "--page", str(tmp_path / "page.html")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert main(["status"]) == 1
    assert "Test mouse" in capsys.readouterr().out


def test_foreign_keys_are_shown_and_are_no_damage(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    foreign = {**STATUS, "later\x1b": [{"a": 1}, None], "x" * 5000: 1}
    write_private(paths.status_file, json.dumps(foreign).encode())
    assert main(["status"]) == 1
    text, error = capsys.readouterr()
    assert r"later\u001b" in text
    assert max(len(line) for line in text.splitlines() if not line.startswith("x")) < 200
    assert error == ""


def test_an_alert_of_a_far_future_is_left_out_and_said(
    paths: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for ahead_ms in (253_402_300_799_999, int(time.time() * 1000) + 90_000_000):
        write_private(paths.alerts_file, json.dumps({**alert(), "time": ahead_ms}).encode() + b"\n")
        assert main(["status", "--page", str(tmp_path / "page.html")]) == 1
        assert "from the future" in capsys.readouterr().err


def test_undamaged_files_are_no_trouble(
    paths: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["status", "--page", str(tmp_path / "page.html")])
    assert capsys.readouterr().err == ""


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=8)
    | st.sampled_from([0, -1, 2**63, 1e308, "protecting", 253_402_300_799]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@seed(15)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(changes=st.data())
def test_whatever_a_field_holds_the_command_ends_by_its_exit_code(
    paths: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: st.DataObject
) -> None:
    for name, make in DOCUMENTS.items():
        document = make()
        keys = changes.draw(st.lists(st.sampled_from(sorted(document)), max_size=3))
        document |= {key: changes.draw(JSON) for key in keys}
        write_private(file_of(paths, name), json.dumps(document).encode() + b"\n")
    for more in ((), ("--json",), ("--page", str(tmp_path / "page.html"))):
        assert main(["status", *more]) in (1, 2)
        assert len(capsys.readouterr().err.splitlines()) <= 3
