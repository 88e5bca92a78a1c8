"""Whatever is wrong: one clear line that says what, where and what to do; and an agent that goes on living.

The real commands in processes of their own, as a person starts them.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.engine.events import Boundary, Cause, EventBatch
from agent.engine.profile import Limits, Profile
from agent.files.keys import Role, load_trust, local_signing_key, recording_key
from agent.files.ledger import OWNER, RecordingLedger
from agent.files.paths import Paths
from agent.files.profile import pack_signed
from agent.files.profiles import install_profile
from agent.files.recording import open_recording, read_recording
from agent.files.recording_keys import RecordingKeys
from agent.files.stream import Session
from agent.host.select import services
from enroll.cli import main as steadyhand_enroll
from tests.agent.runtime.fakes import MOUSE, clicks

ROOT = Path(__file__).parents[2]
NO_DISPLAY = "DISPLAY is not set: start Steadyhand inside a graphical session"


@dataclass
class Home:
    """A user's folders, and commands run in them.

    Attributes
    ----------
    paths : Paths
        As the commands find them; the administrator's folder is this computer's own.
    environ : dict
    """

    folder: Path
    environ: dict[str, str] = field(init=False)
    paths: Paths = field(init=False)

    def __post_init__(self) -> None:
        nobody = f"unix:path={self.folder}/no-bus"
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "DISPLAY") if name in os.environ}
        self.environ = kept | {
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "XDG_RUNTIME_DIR": str(self.folder),
            "DBUS_SESSION_BUS_ADDRESS": nobody,
            "PYTHONPATH": str(ROOT),
        }
        own = self.folder / "config" / "steadyhand", self.folder / "state" / "steadyhand"
        self.paths = Paths(*own, administrators_dir=Path("/etc/steadyhand"))

    def settings(self, text: str) -> None:
        self.paths.config_dir.mkdir(parents=True, exist_ok=True)
        self.paths.settings_file.write_text(text)

    def run(self, *words: str, module: str = "agent") -> subprocess.CompletedProcess[str]:
        """A command that ends by itself."""
        command = [sys.executable, "-m", module, *words]
        return subprocess.run(
            command, env=self.environ, capture_output=True, text=True, timeout=60, check=False
        )

    def refused(self, *words: str, module: str = "agent", code: int = 2) -> str:
        """A command that must fail with one line; returns the line."""
        ended = self.run(*words, module=module)
        assert ended.returncode == code, ended
        lines = [line for line in ended.stderr.splitlines() if "WARNING" not in line]
        assert len(lines) == 1, ended.stderr
        return lines[0]

    @contextlib.contextmanager
    def agent(
        self, *, tray: bool = False, system_bus: Path | None = None
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A running agent; afterwards it must still run, end when told to, and not have shown a traceback."""
        said = self.folder / "said"
        with said.open("wb") as file:
            command = [sys.executable, "-m", "agent", "run", *([] if tray else ["--no-tray"])]
            if system_bus:
                command = [sys.executable, "-m", "tests.e2e.agent_on_bus", str(system_bus)]
            child = subprocess.Popen(command, env=self.environ, stdout=file, stderr=file)
        try:
            yield child
            assert child.poll() is None, f"it ended: {said.read_text()}"
            child.send_signal(signal.SIGTERM)
            assert child.wait(15) == 0
            assert "Traceback" not in said.read_text()
        finally:
            child.kill()
            child.wait()

    def status(self, **wanted: Any) -> dict[str, Any]:
        """The running agent's status, once it has these values."""
        return self.seen(lambda told: wanted.items() <= told.items())

    def seen(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The running agent's status, once it is as wanted."""
        told: dict[str, Any] = {}
        for _ in range(400):
            with contextlib.suppress(OSError, ValueError):
                told = json.loads(self.paths.status_file.read_text())
            if told and wanted(told):
                return told
            time.sleep(0.05)
        raise AssertionError(f"never: {told}")

    def alert(self, kind: str) -> str:
        """The message of the first alert of a kind, once it is there."""
        for _ in range(200):
            for line in (
                self.paths.alerts_file.read_text().splitlines() if self.paths.alerts_file.exists() else ()
            ):
                told = json.loads(line)
                if told["unmapped"]["kind"] == kind:
                    return str(told["message"])
            time.sleep(0.05)
        raise AssertionError(f"no alert of kind {kind}")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE"):
        monkeypatch.delenv(name, raising=False)
    return Home(tmp_path)


@pytest.fixture
def disk(home: Home) -> Iterator[Path]:
    """A small file system of its own under the state folder."""
    state = home.folder / "state"
    state.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k,mode=700", "tmpfs", state], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system of one's own: {mounted.stderr.decode().strip()}")
    yield state
    subprocess.run(["umount", "-l", state], check=True)


def test_without_a_display_the_agent_stays_and_says_so(home: Home) -> None:
    with home.agent():
        status = home.status(state="cannot see the mouse")
        assert status["detail"] == NO_DISPLAY
        assert status["trust"] is None
        assert home.alert("capture dead") == f"The mouse cannot be seen: {NO_DISPLAY}"
        home.status(waiting_alerts=0)
        shown = home.run("status")
        assert shown.returncode == 0
        assert "cannot see the mouse" in shown.stdout
        assert "genuine" not in shown.stdout
        assert home.refused("run", "--no-tray").startswith(
            "steadyhand: another Steadyhand agent already runs"
        )


def test_under_wayland_the_agent_stays_and_says_so(home: Home) -> None:
    home.environ |= {"WAYLAND_DISPLAY": "wayland-0", "XDG_SESSION_TYPE": "wayland"}
    with home.agent():
        status = home.status(state="cannot see the mouse")
        # There the kernel is the only source, and this machine has no mouse of its own.
        assert "no mouse is plugged in, or none may be read" in status["detail"]
        assert "steadyhand doctor" in status["detail"]
        assert status["trust"] is None


@pytest.mark.display
def test_a_desktop_without_a_tray_is_watched_all_the_same(bare_display: Any, tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.agent(tray=True):
        home.status(state="learning")
        if find_spec("gi") is None:
            # GTK and the application indicator wait in silence for a panel; the xorg back-end says what it lacks.
            home.seen(lambda status: any("icon" in note for note in status["notes"]))


def test_unknown_settings_are_named_and_the_agent_goes_on_with_safe_ones(home: Home) -> None:
    home.settings('[judgement]\nmode = "enforce"\nmood = "good"\n')
    ended = home.run("doctor")
    assert ended.returncode == 1
    assert "there is no setting judgement.mood" in ended.stdout
    with home.agent():
        status = home.status(state="cannot see the mouse")
        assert status["mode"] == "shadow", "nothing of a file with a mistake is believed"
        assert any("judgement.mood" in note for note in status["notes"])
        assert "judgement.mood" in home.alert("policy rejected")


@pytest.mark.parametrize(
    "text", ["[judgement\n", "\x00\xff", "judgement = 3\n", "[response]\ncountdown_s = -1\n"]
)
def test_settings_that_are_none_are_one_line(home: Home, text: str) -> None:
    home.settings(text)
    ended = home.run("doctor", "--json")
    (finding,) = json.loads(ended.stdout)
    assert (ended.returncode, finding["health"]) == (1, "broken")
    assert str(home.paths.settings_file) in finding["seen"]
    assert finding["mend"]


def test_without_a_locker_the_doctor_says_what_to_install(home: Home) -> None:
    home.environ["PATH"] = "/nonexistent"
    ended = home.run("doctor", "--json")
    found = {finding["part"]: finding for finding in json.loads(ended.stdout)}
    assert ended.returncode == 1
    assert found["lock"]["health"] == "broken"
    assert found["lock"]["mend"].startswith("apt-get install i3lock (X11), or swaylock (sway")
    assert found["capture"]["health"] == "broken"


def test_a_read_only_disk_is_one_line(home: Home, disk: Path) -> None:
    with home.agent():
        home.status(state="cannot see the mouse")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    line = home.refused("run", "--no-tray")
    assert "Read-only file system" in line
    assert "make the file system writable" in line
    ended = home.run("status")
    assert ended.returncode == 1, "no agent runs, which the old status says"
    assert ended.stderr == ""


def test_a_full_disk_stops_nothing_and_loses_nothing(home: Home, disk: Path) -> None:
    with home.agent():
        home.status(state="cannot see the mouse")
    before = len(home.paths.alerts_file.read_text().splitlines())
    filler = disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1024))
    with home.agent():
        time.sleep(2.5)
        # The old status makes room for the new one, if there is no other; it is never shown as the new one.
        ended = home.run("status")
        assert "disk" in ended.stdout + ended.stderr
        filler.unlink()
        status = home.status(state="cannot see the mouse", waiting_alerts=0, trouble="")
        assert status["trouble"] == "", "the outbox was opened as soon as there was room"
    kinds = [json.loads(line)["unmapped"]["kind"] for line in home.paths.alerts_file.read_text().splitlines()]
    assert kinds[before:] == ["started", "capture dead", "stopped"], (
        "raised while the disk was full, and not lost"
    )


@pytest.mark.parametrize(
    ("make", "mend"),
    [
        (lambda state: state.write_text("a file"), "move it away"),
        (lambda state: state.mkdir(mode=0o755), "chmod 700"),
        (lambda state: state.symlink_to("/tmp"), "move it away"),
    ],
    ids=["a file", "open to others", "a link"],
)
def test_a_state_folder_that_is_none_is_one_line(home: Home, make: Any, mend: str) -> None:
    home.paths.state_dir.parent.mkdir()
    make(home.paths.state_dir)
    line = home.refused("run", "--no-tray")
    assert str(home.paths.state_dir) in line
    assert mend in line


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "\x00"])
def test_a_damaged_status_is_one_line(home: Home, content: str) -> None:
    home.paths.state_dir.mkdir(parents=True, mode=0o700)
    home.paths.status_file.write_text(content)
    home.paths.status_file.chmod(0o600)
    line = home.refused("status")
    assert str(home.paths.status_file) in line
    assert "restart the agent" in line


def test_a_reader_that_goes_away_is_no_error(home: Home) -> None:
    with home.agent():
        home.status(state="cannot see the mouse")
        command = f"{sys.executable} -m agent status | true"
        ended = subprocess.run(
            ["sh", "-c", command], env=home.environ, capture_output=True, text=True, check=False
        )
        assert ended.stderr == ""


@pytest.mark.parametrize("content", [b"", b"junk", b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_outbox_is_kept_aside_and_alerts_go_on(home: Home, content: bytes) -> None:
    home.paths.state_dir.mkdir(parents=True, mode=0o700)
    home.paths.outbox.write_bytes(content)
    home.paths.outbox.chmod(0o600)
    with home.agent():
        assert home.alert("started") == "The agent started"
        trouble = home.seen(lambda status: bool(status["trouble"]))["trouble"]
        assert "the outbox was damaged" in trouble
        assert str(home.paths.outbox) in trouble


def profile_for(home: Home) -> bytes:
    """A signed profile of this user; its arrays do not matter to its signature."""
    mouse = services((), home.environ).mice.current()
    profile = Profile(
        profile_id="00000000-0000-4000-8000-000000000001",
        user=pwd.getpwuid(os.geteuid()).pw_name,
        mouse=mouse,
        features=("duration_s",),
        kinds=(0,),
        detectors=("knn",),
        arrays={},
        limits=Limits(alert=3.0, lock=9.0, asked_per_40h=1.0, estimated=True),
        sequence=1,
        created="2026-01-01T00:00:00+00:00",
        expires="2036-01-01T00:00:00+00:00",
    )
    return pack_signed(profile, local_signing_key(home.paths), Role.LOCAL)


@pytest.mark.parametrize(
    "damage", ["truncated", "tampered", "a stranger's", "empty", "does not fit together"]
)
def test_a_bad_profile_is_reported_and_the_agent_goes_on(home: Home, damage: str) -> None:
    data = profile_for(home)
    now = datetime.now(UTC)
    install_profile(home.paths, data, "test", load_trust(home.paths, local=True), now=now)
    (file,) = home.paths.profiles_dir.glob("*.profile")
    middle = len(data) // 2
    if damage == "a stranger's":
        home.paths.local_key_file.unlink()
        local_signing_key(home.paths)
    elif damage != "does not fit together":
        changed = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        file.write_bytes({"truncated": data[:-40], "tampered": changed, "empty": b""}[damage])
    with home.agent():
        message = home.alert("profile rejected")
        assert str(file) in message or damage == "does not fit together"
        assert home.status(state="cannot see the mouse")["profile_id"] == ""


def test_a_damaged_recording_does_not_end_the_agent_and_cannot_be_replayed(home: Home) -> None:
    path = home.paths.recordings_dir / "a.recording"
    with open_recording(path, recording_key(home.paths)) as writer:
        for n in range(3):
            writer.append([Session(MOUSE, 0, 0), clicks(10, n * 60_000_000_000)])
    with path.open("r+b") as file:
        file.seek(80)
        file.write(b"tampered")
    line = home.refused("run", "--source", f"replay:{path}")
    assert str(path) in line
    with home.agent():
        home.status(state="cannot see the mouse")
    assert path.exists(), "nothing of the owner's is thrown away"


def test_an_erasure_that_was_cut_short_is_finished_at_the_next_start(home: Home) -> None:
    path = home.paths.recordings_dir / "a.recording"
    with open_recording(path, RecordingKeys(home.paths).create(path)) as writer:
        writer.append([Session(MOUSE, 0, 0), clicks(10)])
    RecordingLedger(home.paths).allow([path.name], OWNER)
    with home.agent():
        home.status(state="cannot see the mouse")
        assert not path.exists()
    assert list((home.paths.keys_dir / "recordings").iterdir()) == []


def test_a_key_of_another_length_is_told(home: Home) -> None:
    home.paths.keys_dir.mkdir(parents=True, mode=0o700)
    home.paths.state_dir.chmod(0o700)
    home.paths.recording_key_file.write_bytes(b"junk")
    home.paths.recording_key_file.chmod(0o600)
    assert "has 4 bytes, not 32" in home.refused("run", "--source", "replay:x.recording")
    with home.agent():
        home.status(state="cannot see the mouse")


TABLES = {
    "other columns": ("a,b,c\n1,2,3\n", "line 1: columns 'a, b, c'"),
    "empty": ("", "line 1"),
    "no event": ("record timestamp,client timestamp,button,state,x,y\n", "no mouse event in it"),
    "only 65535": (
        "record timestamp,client timestamp,button,state,x,y\n" + "0.1,0.1,NoButton,Move,65535,65535\n" * 5,
        "no mouse event in it",
    ),
    "words for numbers": (
        "record timestamp,client timestamp,button,state,x,y\n0.1,0.1,NoButton,Move,1,2\n0.2,soon,NoButton,Move,1,2\n",
        "line 3",
    ),
    "binary": ("\x00\x01\x02" * 50, "is no text: give a table of events"),
}


def enroll_refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """An enrolment command in this process, which must fail with one line."""
    assert steadyhand_enroll(words) == 2
    told = capsys.readouterr()
    assert len(told.err.splitlines()) == 1, told.err
    return told.err.strip()


@pytest.mark.parametrize("name", TABLES)
def test_a_bad_table_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    text, wanted = TABLES[name]
    file = tmp_path / "session_1.csv"
    file.write_text(text)
    out = str(tmp_path / "x")
    for words in (["import"], ["train", "--user", "ada", "--out", out], ["features", "--out", out]):
        root = [] if words[0] == "features" else ["--root", str(tmp_path / "root")]
        line = enroll_refused(capsys, words[0], str(file), *words[1:], *root)
        assert line.startswith(f"steadyhand-enroll: {file}")
        assert wanted in line


def test_glitches_and_time_that_runs_backwards_are_cut_not_believed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    times = [t / 1000 for t in range(0, 4000, 8)]
    times[250:] = [t - 1.5 for t in times[250:]]
    rows = [f"{t},{t},NoButton,Move,{100 + n},{50 + n // 2}" for n, t in enumerate(times)]
    rows[100] = f"{times[100]},{times[100]},NoButton,Move,65535,65535"
    file = tmp_path / "session_1.csv"
    file.write_text("record timestamp,client timestamp,button,state,x,y\n" + "\n".join(rows) + "\n")
    root = ("--root", str(tmp_path / "root"))
    assert steadyhand_enroll(["import", str(file), "--out", str(tmp_path / "out"), *root]) == 0
    (kept,) = (tmp_path / "out").rglob("*.recording")
    items = list(read_recording(kept, recording_key(Paths.under(tmp_path / "root"))))
    events = EventBatch.concat(item for item in items if isinstance(item, EventBatch))
    assert len(events) == 499
    assert events.x.max() < 1000
    assert (np.diff(events.t_ns) >= 0).all()
    assert [item.cause for item in items if isinstance(item, Boundary)] == [Cause.CLOCK_STEP]
    capsys.readouterr()
    line = enroll_refused(capsys, "train", str(file), "--user", "ada", "--out", "x.profile", *root)
    assert "record at least 50" in line


def test_what_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = str(tmp_path / "nowhere")
    for words in (
        ("import", nowhere),
        ("train", nowhere, "--user", "ada", "--out", "x"),
        ("evaluate", "balabit", nowhere),
        ("features", nowhere, "--out", "x.csv"),
        ("sign", nowhere, "--key", nowhere, "--out", "x"),
    ):
        assert nowhere in enroll_refused(capsys, *words)
    assert steadyhand_enroll(["verify", nowhere]) == 1
    assert nowhere in capsys.readouterr().out


def test_the_enrolment_command_itself(home: Home) -> None:
    line = home.refused("import", str(home.folder / "nowhere"), module="enroll")
    assert line.startswith("steadyhand-enroll: ")
