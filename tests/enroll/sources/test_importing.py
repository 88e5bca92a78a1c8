"""Import: whole or not at all, each once, whatever the files are called."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from agent.files import recording
from agent.files.keys import recording_key
from agent.files.paths import Paths
from agent.files.recording import open_recording, read_recording
from enroll.cli import main
from enroll.datasets.formats import SAPIMOUSE
from enroll.example import write_table
from enroll.sources.keeping import content_digest
from tests.enroll.people import events_of


class House:
    """A folder of tables, and where they are imported to."""

    def __init__(self, folder: Path) -> None:
        self.tables = folder / "tables"
        self.out = folder / "recordings"
        self.root = folder / "root"

    def write(self, name: str, session: int = 0) -> Path:
        path = self.tables / name
        write_table(path, events_of(1, session, 40))
        return path

    def run(self, *options: str) -> int:
        call = ["import", str(self.tables), "--out", str(self.out), "--root", str(self.root), *options]
        return main(call)

    def there(self) -> list[str]:
        return sorted(str(path.relative_to(self.out)) for path in self.out.rglob("*") if path.is_file())

    @property
    def key(self) -> bytes:
        return recording_key(Paths.under(self.root))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.mark.parametrize(
    "names",
    [
        ("ada/session_2024.05.01", "ada/session_2024.05.02"),
        ("ada/MONDAY.CSV", "ada/Tuesday.Csv"),
        ("ada/2024-05-01/session.csv", "ada/2024-05-02/session.csv"),
        ("ada/one.csv", "ada/one.tsv"),
        ("training_files/ada/session_1", "test_files/ada/session_1"),
        ("ada/week 1, äöü.csv", "ada/week 2 .csv"),
    ],
)
def test_every_table_has_a_recording_of_its_own(house: House, names: tuple[str, str]) -> None:
    for session, name in enumerate(names):
        house.write(name, session)
    assert house.run() == 0
    recordings = house.there()
    assert len(recordings) == 2
    assert all(name.startswith("ada/") for name in recordings)
    digests = {content_digest(read_recording(house.out / name, house.key).items()) for name in recordings}
    assert len(digests) == 2


def test_names_keep_their_dots(house: House) -> None:
    house.write("ada/session_2024.05.01")
    house.write("ada/v1.2.CSV", 1)
    assert house.run() == 0
    assert house.there() == ["ada/session_2024.05.01.recording", "ada/v1.2.recording"]


def test_a_bad_row_leaves_nothing_and_the_mended_file_is_imported(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    path = house.write("ada/session_1")
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole + "1,2,Left,Jumped,3,4\n", encoding="utf-8")
    assert house.run() == 2
    assert "unknown button or state in '1,2,Left,Jumped,3,4'" in capsys.readouterr().err
    assert not house.out.exists()
    path.write_text(whole, encoding="utf-8")
    assert house.run() == 0
    assert house.there() == ["ada/session_1.recording"]


def test_one_bad_table_does_not_stop_the_others(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    house.write("ada/session_1")
    bad = house.write("ada/session_2", 1)
    mended = bad.read_bytes()
    bad.write_bytes(mended[: len(mended) // 2] + b"\x00\xff\x1b[31m\n")
    house.write("ada/session_3", 2)
    assert house.run() == 2
    told = capsys.readouterr()
    assert "2 tables imported" in told.out
    assert f"not imported: {bad}, line " in told.err
    assert "1 of 3 tables were not imported" in told.err
    assert "\x1b" not in told.err
    assert house.there() == ["ada/session_1.recording", "ada/session_3.recording"]
    bad.write_bytes(mended)
    assert house.run() == 0
    assert "1 table imported, 2 there already" in capsys.readouterr().out


def test_a_full_disk_leaves_nothing_of_the_table_and_stops(
    house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    house.write("ada/session_1")
    house.write("ada/session_2", 1)
    write = recording.os.write
    written = 0

    def full(fd: int, content: bytes) -> int:
        nonlocal written
        written += len(content)
        if written > 2_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(fd, content)

    monkeypatch.setattr(recording.os, "write", full)
    assert house.run() == 2
    assert "make room on the disk" in capsys.readouterr().err
    assert not house.out.exists()
    monkeypatch.undo()
    assert house.run() == 0
    assert len(house.there()) == 2


def test_what_a_killed_run_left_is_done_again(house: House) -> None:
    house.write("ada/session_1")
    half = house.out / "ada" / ".session_1.recording.part"
    house.out.mkdir(mode=0o700)
    with open_recording(half, house.key) as writer:
        writer.append([events_of(1, 0, 5)])
    assert house.run() == 0
    assert house.there() == ["ada/session_1.recording"]


def test_other_events_under_the_name_are_not_overwritten(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.write("ada/session_1")
    assert house.run() == 0
    house.write("ada/session_1", 5)
    before = (house.out / "ada/session_1.recording").read_bytes()
    assert house.run() == 2
    assert "is there already, with other events than" in capsys.readouterr().err
    assert (house.out / "ada/session_1.recording").read_bytes() == before
    (house.out / "ada/session_1.recording").write_bytes(before[:60] + bytes(40) + before[100:])
    assert house.run() == 2
    assert "is there already and cannot be read" in capsys.readouterr().err


def test_the_unit_of_times_can_be_said(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    path = house.tables / "ada" / "session_1.csv"
    path.parent.mkdir(parents=True)
    rows = [f"{0.016 * i:.3f},NoButton,Move,{100 + 5 * (i % 90)},{i % 9}" for i in range(300)]
    path.write_text("\n".join([SAPIMOUSE.header, *rows, ""]), encoding="utf-8")
    assert house.run() == 2
    assert "s would fit: give --time-unit s" in capsys.readouterr().err
    assert not house.out.exists()
    assert house.run("--time-unit", "s") == 0
    assert house.there() == ["ada/session_1.recording"]


def test_events_without_an_action_are_refused(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    path = house.tables / "session_1.csv"
    path.parent.mkdir(parents=True)
    rows = [f"{5000 * i},Scroll,Down,0,0" for i in range(600)]
    path.write_text("\n".join([SAPIMOUSE.header, *rows, ""]), encoding="utf-8")
    assert house.run() == 2
    assert "600 events and no mouse action" in capsys.readouterr().err
    assert not house.out.exists()


def test_tables_that_hold_no_events_are_named(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    house.write("ada/session_1")
    (house.tables / "labels.csv").write_text("filename,is_illegal\n", encoding="utf-8")
    assert house.run() == 0
    assert "left out, as no table of events" in capsys.readouterr().err
    (house.tables / "ada" / "session_1").unlink()
    assert house.run() == 2
    assert "no table of events and no recording" in capsys.readouterr().err


def test_recordings_need_no_import(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    house.write("ada/session_1")
    assert house.run() == 0
    assert main(["import", str(house.out), "--out", str(house.out / "again"), "--root", str(house.root)]) == 2
    assert "every command reads recordings" in capsys.readouterr().err
