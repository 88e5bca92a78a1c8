"""An office that is run by its commands, and a small one that is made once and copied."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.engine.mouse import MouseConfiguration
from agent.files.sealing import Origin, seal
from agent.files.signing import SigningKey
from agent.files.stream import Session
from enroll.cli import main
from enroll.computers import Admission, computers_file, read_computers, write_computers
from enroll.office.keyring import read_keyring
from enroll.office.layout import OfficeLayout, open_office
from tests.enroll.people import events_of

NAMES = ("ada", "blaise", "carl")
DESK = MouseConfiguration("evdev", "usb", "046d", "c077", name="Desk Mouse", cpi=1000)
NEW = MouseConfiguration("evdev", "usb", "1532", "0084", name="New Mouse", cpi=1600)


class OfficeRun:
    """Types commands of one office and gives what they print."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capsys = capsys

    @property
    def layout(self) -> OfficeLayout:
        return open_office(self.root)

    def __call__(self, *words: object, code: int = 0) -> str:
        self._capsys.readouterr()
        where = [] if words[0] in ("init", "restore") else ["--office", self.root]
        deep = 2 if words[0] in ("person", "keys") else 1
        given = ("office", *words[:deep], *where, *words[deep:])
        assert main([str(word) for word in given]) == code, self._capsys.readouterr()
        printed = self._capsys.readouterr()
        return printed.err if code == 2 else printed.out


def computer_key_of(account: str, computer: str) -> SigningKey:
    """The key of one account on one computer, the same in every test."""
    seed = hashlib.sha256(f"{account} on {computer}".encode()).digest()
    return SigningKey(Ed25519PrivateKey.from_private_bytes(seed))


def admit(layout: OfficeLayout, key: SigningKey, account: str, computer: str) -> None:
    """What the administrator says of it once."""
    file = computers_file(layout.paths)
    known = read_computers(file).with_request(Origin(account, computer, "", key.public))
    write_computers(file, known.with_admission([key.key_id], Admission.ADMITTED))


def hand_over(
    layout: OfficeLayout,
    inbox: Path,
    who: int,
    account: str,
    computer: str,
    *,
    mouse: MouseConfiguration = DESK,
    sessions: range = range(3),
    actions: int = 120,
) -> None:
    """What an agent puts into the folder that it hands over to: one sealed file a session."""
    inbox.mkdir(exist_ok=True)
    public, key = read_keyring(layout.keyring_file).recordings_key, computer_key_of(account, computer)
    admit(layout, key, account, computer)
    for session in sessions:
        events = events_of(who, session, actions)
        items = [Session(mouse, int(events.t_ns[0]), 1_700_000_000_000_000_000 + session, "capture"), events]
        sealed = seal(Origin(account, computer, f"{session:04d}.recording"), items, public, key)
        (inbox / f"{account.replace(chr(92), '-')}-{computer}-{mouse.key}-{session}.sealed").write_bytes(
            sealed
        )


@pytest.fixture(scope="session")
def trained_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three people, each with recordings and a profile; nothing published."""
    top = tmp_path_factory.mktemp("office")
    root, inbox = top / "office", top / "inbox"
    assert main(["office", "init", str(root), "--no-passphrase", "--inbox", str(inbox)]) == 0
    for name in NAMES:
        options = ["--office", str(root), "--account", name, "--computer", f"pc-{name}"]
        assert main(["office", "person", "add", *options, name.title()]) == 0
    for who, name in enumerate(NAMES):
        hand_over(open_office(root), inbox, who, name, f"pc-{name}")
    for action in ("receive", "cohort", "train"):
        assert main(["office", action, "--office", str(root)]) == 0
    return root


@pytest.fixture
def office(trained_office: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> OfficeRun:
    """A copy of the small office, to do with as a test likes."""
    shutil.copytree(trained_office, tmp_path / "office")
    (tmp_path / "office").chmod(0o711)
    return OfficeRun(tmp_path / "office", capsys)


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that a web server's account comes through: pytest's own are closed to it."""
    with tempfile.TemporaryDirectory(prefix="steadyhand-office-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def empty_office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> OfficeRun:
    """An office without anybody."""
    run = OfficeRun(tmp_path / "office", capsys)
    run("init", run.root, "--no-passphrase")
    return run
