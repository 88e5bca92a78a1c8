"""Recordings, sealed recordings and tables are the same to every command."""

from __future__ import annotations

import base64
import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from agent.engine.events import Boundary, Button, Cause, EventBatch, EventKind
from agent.engine.mouse import MouseConfiguration
from agent.files.keys import recording_key
from agent.files.paths import Paths
from agent.files.recording import open_recording
from agent.files.sealing import Origin, create_opening_key, load_opening_key, seal
from agent.files.stream import Session
from enroll.cli import main
from enroll.datasets.csvfile import detect_format, read_events
from enroll.example import write_table
from enroll.sources.exporting import table_text
from tests.enroll.people import events_of

MOUSE = MouseConfiguration("pynput-x11", bus="usb", vendor="046d", product="c077", name="Office mouse")
PEOPLE = ("ada", "blaise", "carl")


class House:
    """The same sessions of three people, kept in one of the three ways, in one of the layouts."""

    def __init__(self, folder: Path, kind: str, layout: str, sessions: int, actions: int) -> None:
        self.folder = folder / "sources"
        self.root = folder / "root"
        self.opening = folder / "opening.pem"
        create_opening_key(self.opening)
        for who, name in enumerate(PEOPLE):
            home = self.folder / layout.format(person=name, mouse=MOUSE.key)
            for session in range(sessions):
                batch = events_of(who, session, actions)
                items = [Session(MOUSE, int(batch.t_ns[0]), 1_700_000_000_000_000_000 + session), batch]
                if kind == "table":
                    write_table(home / f"session_{session}", batch)
                elif kind == "recording":
                    key = recording_key(Paths.under(self.root))
                    with open_recording(home / f"session_{session}.recording", key) as writer:
                        writer.append(items)
                else:
                    home.mkdir(parents=True, exist_ok=True)
                    public = load_opening_key(self.opening).public_key()
                    raw = base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
                    origin = Origin(name, "desk1", f"session_{session}.recording")
                    (home / f"{session}.sealed").write_bytes(seal(origin, items, raw, None))

    def common(self) -> list[str]:
        return ["--root", str(self.root), "--opening-key", str(self.opening)]

    def of(self, person: str) -> Path:
        return next(path for path in [*self.folder.rglob(person)] if path.is_dir())


KINDS = [
    ("table", "{person}"),
    ("recording", "{person}"),
    ("recording", "{mouse}/{person}"),
    ("recording", "{person}/{mouse}"),
    ("sealed", "{mouse}/{person}"),
]


@pytest.mark.parametrize(("kind", "layout"), KINDS)
def test_train_verify_features_and_cohort(
    kind: str, layout: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = House(tmp_path, kind, layout, sessions=2, actions=60)
    ada, out = str(house.of("ada")), tmp_path / "ada.profile"
    call = ["train", ada, "--user", "ada", "--out", str(out), "--json", *house.common()]
    assert main(call) in (0, 1)
    figures = json.loads(capsys.readouterr().out)
    assert figures["sessions"] == 2
    assert figures["actions"] > 90
    assert main(["verify", ada, "--json", *house.common()]) == 0
    verified = json.loads(capsys.readouterr().out)
    assert (verified["valid"], verified["people"], verified["sessions"]) == (True, ["ada"], 2)
    assert verified["mice"] == ({MOUSE.key: "Office mouse"} if kind != "table" else verified["mice"])
    table = tmp_path / "features.csv"
    for schema in ("full", "antal39"):
        call = ["features", str(house.folder), "--schema", schema, "--out", str(table), *house.common()]
        assert main(call) == 0
        with table.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        assert {row["account"] for row in rows} == set(PEOPLE)
        assert len(rows) > 250
    key = tmp_path / "admin.pem"
    assert main(["key", str(key)]) == 0
    call = ["cohort", "build", str(house.folder), "--key", str(key), "--out", str(tmp_path / "c.cohort")]
    assert main([*call, *house.common()]) == 0
    assert "3 people" in capsys.readouterr().out


@pytest.mark.parametrize(("kind", "layout"), [KINDS[2], KINDS[4]])
def test_the_stream_and_fleet_read_them_all(
    kind: str, layout: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = House(tmp_path, kind, layout, sessions=3, actions=70)
    assert (
        main(["evaluate", "stream", str(house.folder), "--cache", str(tmp_path / "c"), *house.common()]) == 0
    )
    figures = json.loads(capsys.readouterr().out)
    assert figures["genuine_actions"] > 300
    manifest = tmp_path / "users.csv"
    lines = [f"{name},{house.of(name)}" for name in PEOPLE]
    manifest.write_text("\n".join(["user,source", *lines, ""]), encoding="utf-8")
    call = ["fleet", str(manifest), "--out", str(tmp_path / "profiles"), *house.common()]
    assert main(call) == 0
    assert "3 trained" in capsys.readouterr().out


def test_a_person_with_too_few_recordings_is_named_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = House(tmp_path, "recording", "{person}", sessions=3, actions=100)
    for name in ("ada", "carl"):
        (house.of(name) / "session_0.recording").unlink()
    assert main(["evaluate", "stream", str(house.folder), *house.common()]) == 2
    told = capsys.readouterr()
    assert "left out, with fewer than 3 sessions: ada, carl" in told.err
    assert "1 account:" in told.err


def test_a_missing_or_wrong_key_is_one_printable_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded, sealed = (
        House(tmp_path / "1", "recording", "{person}", 1, 30),
        House(tmp_path / "2", "sealed", "{person}", 1, 30),
    )
    for source, options, words in (
        (recorded.of("ada"), ["--root", str(tmp_path / "nobody")], "this user has no recording key"),
        (recorded.of("ada"), ["--root", str(sealed.root)], "this user has no recording key"),
        (sealed.of("ada"), [], "is a sealed recording: name what `steadyhand-enroll key --recordings` made"),
        (sealed.of("ada"), ["--opening-key", str(recorded.opening)], "was sealed for another key"),
    ):
        call = ["train", str(source), "--user", "ada", "--out", str(tmp_path / "p"), *options]
        assert main(call) == 2
        line = capsys.readouterr().err
        assert words in line
        assert line.rstrip("\n").isprintable()


@pytest.mark.parametrize(
    "command", ["train", "features", "import", "evaluate stream", "export", "cohort build"]
)
def test_no_command_takes_a_folder_that_is_not_there_for_an_empty_one(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needed = {
        "train": ["--user", "a", "--out", "p"],
        "features": ["--out", "f"],
        "export": ["--out", "t"],
        "cohort build": ["--key", "k", "--out", "c"],
    }
    call = [*command.split(), str(tmp_path / "nosuch"), *needed.get(command, [])]
    assert main(call) == 2
    assert "nosuch does not exist" in capsys.readouterr().err


def several(batch: EventBatch) -> EventBatch:
    """Every kind and button, positions between pixels, and times to the nanosecond."""
    rows = [
        (EventKind.MOVE, Button.NONE),
        (EventKind.PRESS, Button.BACK),
        (EventKind.DRAG, Button.NONE),
        (EventKind.RELEASE, Button.BACK),
        (EventKind.PRESS, Button.FORWARD),
        (EventKind.RELEASE, Button.FORWARD),
        *((EventKind.SCROLL, button) for button in range(Button.SCROLL_UP, Button.SCROLL_RIGHT + 1)),
    ]
    times = 1_234_567_891 + np.arange(len(rows), dtype=np.int64) * 16_000_001
    x = np.linspace(-5.25, 900.125, len(rows))
    kinds, buttons = (np.array(column, np.uint8) for column in zip(*rows, strict=True))
    return EventBatch.concat([EventBatch.of(times, x, x, kinds, buttons), later(batch)])


def later(batch: EventBatch) -> EventBatch:
    return replace(batch, t_ns=batch.t_ns - batch.t_ns[0] + 5_000_000_000)


def test_a_table_holds_what_the_recording_held(tmp_path: Path) -> None:
    batch = several(events_of(1, 0, 40))
    path = tmp_path / "session_1.csv"
    path.write_text(table_text(batch), encoding="utf-8")
    entries = read_events(path, detect_format(path))
    read = EventBatch.concat(entry for entry in entries if isinstance(entry, EventBatch))
    for name in ("t_ns", "x", "y", "kind", "button"):
        tolerance = 1e-6 if name in "xy" else 0
        np.testing.assert_allclose(getattr(read, name), getattr(batch, name), rtol=0, atol=tolerance)


def test_export_cuts_where_the_recording_was_interrupted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "root"
    batch = events_of(1, 0, 60)
    half = len(batch) // 2
    t_ns = int(batch.t_ns[half])
    with open_recording(tmp_path / "r/ada/a.b.recording", recording_key(Paths.under(root))) as writer:
        writer.append([Session(MOUSE, int(batch.t_ns[0]), 5), batch[:half]])
        writer.append([Boundary(t_ns, Cause.SCREEN_LOCKED), batch[half:]])
        writer.append([Session(MOUSE, int(batch.t_ns[-1]), 9)])
    call = ["export", str(tmp_path / "r"), "--out", str(tmp_path / "t"), "--root", str(root)]
    assert main([*call, "--dry-run"]) == 0
    assert not (tmp_path / "t").exists()
    capsys.readouterr()
    assert main(call) == 0
    assert "2 tables of 1 recording" in capsys.readouterr().out
    tables = sorted((tmp_path / "t" / "ada").iterdir())
    assert [path.name for path in tables] == ["session_a.b_part1.csv", "session_a.b_part2.csv"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in tables)
    counts = [len(path.read_text(encoding="utf-8").splitlines()) - 1 for path in tables]
    assert counts == [half, len(batch) - half]


def test_verify_tells_a_changed_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    house = House(tmp_path, "recording", "{person}", sessions=1, actions=40)
    path = house.of("ada") / "session_0.recording"
    content = path.read_bytes()
    path.write_bytes(content[:80] + bytes(8) + content[88:])
    assert main(["verify", str(path), *house.common()]) == 1
    assert "not valid" in capsys.readouterr().out


BINARY_CALLS = (
    "fleet {binary} --out p",
    "report {binary} --out x.html",
    "features {binary} --out f.csv",
    "import {binary} --out q",
    "export {binary} --out t",
    "train {binary} --user a --out p",
    "cohort inspect {binary}",
    "policy {binary} --key k --out o",
    "overview --profiles . --events {binary} --out o.html",
    "evaluate stream {binary}",
)


@pytest.mark.parametrize("call", BINARY_CALLS)
@pytest.mark.parametrize(
    "content", [b"SHREC\x00\x00\x01" + bytes(range(256)), b"\xff\xfe\x1b[31m\x07\x00" * 9]
)
def test_bytes_of_a_file_never_reach_the_terminal(
    call: str,
    content: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "binary.csv").write_bytes(content)
    root = [] if call.startswith("policy") else ["--root", "root"]
    assert main([*call.format(binary="binary.csv").split(), *root]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.rstrip("\n").isprintable()
    assert "binary.csv" in told.err
