"""Every command: help with an example, the right exit code, one line for what is wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from agent.cli import main as steadyhand
from agent.cli import parser as agent_parser
from agent.engine.errors import SteadyhandError
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.host.null.services import null_services
from agent.host.start_environment import StartFindings
from agent.runtime.lifecycle.single_instance import SingleInstance
from agent.runtime.status.snapshot import State, Status
from agent.runtime.status.status_file import write_status
from enroll.cli import _parser as enroll_parser
from enroll.cli import main as steadyhand_enroll

Main = Callable[[list[str]], int]


def commands(parser: ArgumentParser) -> list[str]:
    (found,) = (action for action in parser._actions if isinstance(action, _SubParsersAction))
    return list(found.choices)


EVERY = [(steadyhand, name) for name in ("", *commands(agent_parser()))]
EVERY += [(steadyhand_enroll, name) for name in ("", *commands(enroll_parser()))]


@pytest.fixture(autouse=True)
def ordinary_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the tests are run with must not replace their own process."""
    monkeypatch.setattr("agent.cli.clean_start", lambda _environ: ())


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """The user's folders, as the commands find them."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    paths = Paths.of_user()
    assert paths.state_dir.is_relative_to(tmp_path)
    return paths


@pytest.mark.parametrize(("main", "name"), EVERY, ids=[f"{m.__module__} {n}" for m, n in EVERY])
def test_every_command_has_help_with_an_example(
    main: Main, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"] if name else ["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "xample" in shown
    prog = "steadyhand" if main is steadyhand else "steadyhand-enroll"
    example = shown[shown.index("xample") :]
    assert f"{prog} {name}".strip() in " ".join(example.split())


@pytest.mark.parametrize(
    ("main", "words"),
    [
        (steadyhand, ["frobnicate"]),
        (steadyhand, ["--frobnicate"]),
        (steadyhand, ["run", "--source", "session.recording"]),
        (steadyhand, ["run", "--source", "replay:"]),
        (steadyhand, ["run", "--speed", "fast"]),
        (steadyhand, ["status", "now"]),
        (steadyhand_enroll, []),
        (steadyhand_enroll, ["frobnicate"]),
        (steadyhand_enroll, ["train"]),
        (steadyhand_enroll, ["evaluate", "horoscope", "x"]),
    ],
)
def test_bad_arguments_are_exit_code_2(
    main: Main, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("steadyhand")


def test_status_before_any_agent_is_one_line(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    assert steadyhand(["status"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "steadyhand: no agent has run for this user yet: start it with: steadyhand\n"


def test_status_tells_what_the_agent_sees_and_whether_it_lives(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    private_dir(paths.state_dir)
    write_status(paths.status_file, Status(state=State.PROTECTING, trust=88, notes=("one", "two")))
    assert steadyhand(["status", "--json"]) == 1, "nothing keeps it up to date"
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["trust"], told["running"]) == ("protecting", 88, False)
    with SingleInstance(paths.lock_file):
        assert steadyhand(["status"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"^notes +one\n +two$", shown, re.MULTILINE), "a line each"
    assert "protecting" in shown


@pytest.mark.parametrize(("words", "code"), [(["run"], 2), (["run", "--autostart"], 0), ([], 2)])
def test_a_second_agent_ends_and_one_of_an_autostart_without_a_word(
    paths: Paths, capsys: pytest.CaptureFixture[str], words: list[str], code: int
) -> None:
    private_dir(paths.state_dir)
    with SingleInstance(paths.lock_file):
        assert steadyhand([*words]) == code
    assert ("another Steadyhand agent already runs" in capsys.readouterr().err) == bool(code)


def test_recordings_are_listed_and_only_their_owner_erases_them(
    paths: Paths, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.host.select.services", lambda _: null_services("nothing is known here"))
    assert steadyhand(["recordings"]) == 0
    assert "no recordings" in capsys.readouterr().out
    private_dir(paths.recordings_dir)
    kept = paths.recordings_dir / "a.recording"
    kept.write_bytes(bytes(1234))
    assert steadyhand(["recordings"]) == 0
    assert "1,234 bytes" in capsys.readouterr().out
    assert steadyhand(["recordings", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["recordings"], told["erased"]) == ([{"name": "a.recording", "bytes": 1234}], 0)
    assert steadyhand(["recordings", "--erase", "--dry-run"]) == 0
    assert "would erase 1 recording" in capsys.readouterr().out
    assert kept.exists()
    assert steadyhand(["recordings", "--erase"]) == 2
    assert "cannot check who you are, so nothing was erased" in capsys.readouterr().err
    assert kept.exists()
    asked: list[str] = []
    host = SimpleNamespace(available=lambda: True, confirm=lambda why: not asked.append(why))
    monkeypatch.setattr("agent.host.select.services", lambda _: SimpleNamespace(reauthentication=host))
    assert steadyhand(["recordings", "--erase"]) == 0
    assert "erased 1 recording" in capsys.readouterr().out
    assert not kept.exists()
    assert asked == ["erase what was recorded of your mouse"]


def test_what_a_person_can_mend_is_one_line_and_exit_code_2(
    paths: Paths, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise SteadyhandError("x is wrong", "do y")

    monkeypatch.setattr("agent.ui.main.run_agent", refuse)
    assert steadyhand(["run", "--no-tray"]) == 2
    assert capsys.readouterr().err == "steadyhand: x is wrong: do y\n"


def test_without_a_word_it_runs_the_agent_with_its_tray(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def run(_: Paths, *, tray: bool, say: object, start: StartFindings) -> int:
        asked.append(tray)
        return len(start.foreign_code)

    monkeypatch.setattr("agent.ui.main.run_agent", run)
    assert (steadyhand([]), steadyhand(["run"]), steadyhand(["run", "--no-tray"])) == (0, 0, 0)
    assert asked == [True, True, False]


def test_control_c_is_no_traceback(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("agent.ui.main.run_agent", interrupt)
    assert steadyhand(["run"]) == 1


def test_help_is_quick_and_imports_no_scikit_learn() -> None:
    code = (
        "import sys\nfrom agent.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'sklearn', 'joblib', 'scipy', 'enroll'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, timeout=20, check=False
    )
    assert ended.returncode == 0, ended.stderr
