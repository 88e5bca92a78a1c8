"""What PAM's helper writes, and when it writes nothing; the agent reads it, and nothing that anybody else wrote."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import pwd
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from agent.engine.errors import SteadyhandError
from agent.host.linux.proofs import RecordedProofs

HELPER = Path(__file__).parents[2] / "packaging" / "linux" / "steadyhand-proof"
UID = os.geteuid()
USER = pwd.getpwuid(UID).pw_name
AUTHENTICATED = {"PAM_TYPE": "auth", "PAM_SERVICE": "gdm-password", "PAM_USER": USER}


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The helper as a module, as root would run it."""
    loader = importlib.machinery.SourceFileLoader("steadyhand_proof", str(HELPER))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    return module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    return tmp_path / "steadyhand" / "proofs"


def read(folder: Path) -> RecordedProofs:
    return RecordedProofs(folder, UID, required_uid=UID)


def test_an_authentication_is_written_down_with_its_time_and_service(
    helper: ModuleType, folder: Path
) -> None:
    before_ns = time.monotonic_ns()
    assert helper.main(AUTHENTICATED, str(folder)) == 0
    proof = read(folder).latest()
    assert proof is not None
    assert before_ns <= proof.t_ns <= time.monotonic_ns()
    assert proof.service == "gdm-password"
    assert helper.main(AUTHENTICATED | {"PAM_SERVICE": "lightdm"}, str(folder)) == 0
    newer = read(folder).latest()
    assert newer is not None
    assert (newer.service, newer.t_ns > proof.t_ns) == ("lightdm", True)
    assert [path.name for path in folder.iterdir()] == [str(UID)]


@pytest.mark.parametrize(
    "changed",
    [
        {"PAM_SERVICE": "sudo"},
        {"PAM_SERVICE": "gdm-autologin"},
        {"PAM_SERVICE": "i3lock"},
        {"PAM_SERVICE": ""},
        {"PAM_TYPE": "open_session"},
        {"PAM_RHOST": "10.0.0.9"},
        {"PAM_USER": "nobody-of-this-name"},
    ],
)
def test_what_proves_nothing_is_not_written(
    helper: ModuleType, folder: Path, changed: dict[str, str]
) -> None:
    assert helper.main(AUTHENTICATED | changed, str(folder)) == 0
    assert read(folder).latest() is None


def test_a_locker_that_authenticates_as_the_user_writes_nothing(
    helper: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    helper.main(AUTHENTICATED, str(folder))
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_fails_no_login(helper: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert helper.main(AUTHENTICATED, str(tmp_path / "file" / "proofs")) == 0


def forge(folder: Path, change: Callable[[Path], object]) -> None:
    change(folder / str(UID))


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.chmod(0o666),
        lambda path: path.parent.chmod(0o777),
        lambda path: path.parent.parent.chmod(0o777),
        lambda path: (path.unlink(), path.symlink_to("/etc/passwd")),
        lambda path: (path.unlink(), os.mkfifo(path)),
        lambda path: path.write_text("{}"),
        lambda path: path.write_text('{"form": 1, "monotonic_ns": 1e999, "service": "gdm-password"}'),
        lambda path: path.write_text('{"form": 1, "monotonic_ns": -1, "service": "gdm-password"}'),
        lambda path: path.write_text('{"form": 1, "monotonic_ns": 5, "service": "a b"}'),
        lambda path: path.write_bytes(b"\xff" * 5000),
    ],
)
def test_what_anybody_else_could_have_written_is_refused(
    helper: ModuleType, folder: Path, change: Callable[[Path], object]
) -> None:
    helper.main(AUTHENTICATED, str(folder))
    forge(folder, change)
    with pytest.raises(SteadyhandError):
        read(folder).latest()


def test_a_file_of_the_user_is_no_proof(helper: ModuleType, folder: Path) -> None:
    helper.main(AUTHENTICATED, str(folder))
    with pytest.raises(SteadyhandError, match="belongs to"):
        RecordedProofs(folder, UID, required_uid=UID + 1).latest()
