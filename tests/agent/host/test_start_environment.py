"""An agent started with foreign code or on a foreign display: noticed, and started again without if possible."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agent.host.start_environment import clean_start

HOME = {"HOME": "/home/ada"}


class Executor:
    """Takes the place of `os.execve`; `fails` as a system that refuses."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.started: list[tuple[str, list[str], dict[str, str]]] = []

    def __call__(self, path: str, words: list[str], environ: dict[str, str]) -> None:
        self.started.append((path, words, environ))
        if self.fails:
            raise OSError("refused")


@pytest.fixture
def nothing(tmp_path: Path) -> Path:
    """A start of which the kernel shows no variable."""
    (tmp_path / "environ").write_bytes(b"")
    return tmp_path / "environ"


def test_an_ordinary_environment_is_left_alone(nothing: Path) -> None:
    execute = Executor()
    ordinary = HOME | {"GTK_MODULES": "gail:atk-bridge", "LD_PRELOAD": "", "DISPLAY": ":0"}
    ordinary |= {"LANG": "de_DE.UTF-8", "LANGUAGE": "de:en", "LC_ALL": "C"}
    assert clean_start(ordinary, execute, nothing) == ()
    assert execute.started == []


@pytest.mark.parametrize(
    "name",
    [
        "LD_PRELOAD",
        "LD_AUDIT",
        "LD_LIBRARY_PATH",
        "PYTHONHOME",
        "PYTHONSTARTUP",
        "GTK_MODULES",
        "GIO_MODULE_DIR",
        "GTK_IM_MODULE_FILE",
        "LANGUAGE",
        "LC_ALL",
        "LOCPATH",
        "OPENSSL_CONF",
        "OPENSSL_MODULES",
        "PYTHONPYCACHEPREFIX",
        "PYTHONWARNINGS",
    ],
)
def test_what_loads_foreign_code_is_removed_once_and_reported(
    nothing: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python3", "-m", "agent", "run"])
    execute = Executor()
    clean_start(HOME | {name: "/home/ada/evil.so"}, execute, nothing)
    ((path, words, environ),) = execute.started
    assert (path, words) == (sys.executable, [sys.executable, "-m", "agent", "run"])
    assert name not in environ
    assert environ["HOME"] == "/home/ada"
    (line,) = clean_start(environ, execute, nothing)
    assert f"it was started with {name}, " in line
    assert len(execute.started) == 1


def test_a_variable_that_comes_back_is_reported_and_starts_no_circle(nothing: Path) -> None:
    execute = Executor()
    clean_start(HOME | {"LD_PRELOAD": "/evil.so"}, execute, nothing)
    again = execute.started[0][2] | {"LD_PRELOAD": "/evil.so"}
    (line,) = clean_start(again, execute, nothing)
    assert "it runs with LD_PRELOAD" in line
    assert len(execute.started) == 1


def test_a_path_of_modules_is_reported_and_stays(nothing: Path) -> None:
    execute = Executor()
    (line,) = clean_start(HOME | {"PYTHONPATH": "/home/ada/evil"}, execute, nothing)
    assert "it runs with PYTHONPATH" in line
    assert execute.started == []


def test_the_folder_that_the_program_comes_from_is_not_foreign(nothing: Path) -> None:
    here = Path(__file__).parents[3]
    assert clean_start(HOME | {"PYTHONPATH": str(here)}, Executor(), nothing) == ()
    assert len(clean_start(HOME | {"PYTHONPATH": f"/home/ada/evil:{here}"}, Executor(), nothing)) == 1
    assert len(clean_start(HOME | {"PYTHONPATH": f"{here}:"}, Executor(), nothing)) == 1


def test_a_restart_that_is_refused_is_no_end(nothing: Path) -> None:
    (line,) = clean_start(HOME | {"LD_AUDIT": "/evil.so"}, Executor(fails=True), nothing)
    assert "it runs with LD_AUDIT" in line


def test_a_library_that_removed_its_variable_is_seen_in_what_the_kernel_handed_over(tmp_path: Path) -> None:
    execute = Executor()
    (tmp_path / "environ").write_bytes(b"HOME=/home/ada\0LD_PRELOAD=/home/ada/evil.so\0")
    clean_start(HOME, execute, tmp_path / "environ")
    ((_, _, environ),) = execute.started
    assert "LD_PRELOAD" not in environ


def test_a_packed_program_sets_its_own_libraries_and_reads_no_variable_of_the_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "argv", ["steadyhand", "run"])
    (tmp_path / "environ").write_bytes(b"LD_LIBRARY_PATH=/usr/lib/steadyhand/_internal\0")
    execute = Executor()
    assert clean_start(HOME | {"PYTHONHOME": "/x"}, execute, tmp_path / "environ") == ()
    assert execute.started == []
    clean_start(HOME | {"LD_LIBRARY_PATH": "/home/ada/lib"}, execute, tmp_path / "environ")
    assert execute.started[0][1] == [sys.executable, "run"]


@pytest.mark.parametrize(
    "name", ["HOSTALIASES", "LOCALDOMAIN", "SSLKEYLOGFILE", "SSL_CERT_DIR", "SSL_CERT_FILE"]
)
def test_what_changes_whom_it_speaks_to_is_removed_and_said_apart(
    nothing: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python3", "-m", "agent", "run"])
    execute = Executor()
    clean_start(HOME | {name: "/home/ada/x", "LD_AUDIT": "/home/ada/y"}, execute, nothing)
    ((_, _, environ),) = execute.started
    assert not {name, "LD_AUDIT"} & environ.keys()
    assert set(clean_start(environ, execute, nothing)) == {
        "it was started with LD_AUDIT, which loads foreign code into it, and started itself again without",
        f"it was started with {name}, which changes whom it speaks to, and started itself again without",
    }
