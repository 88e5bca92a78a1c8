"""An agent that cannot start says so in its status, in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from _fastfeat import _kernel
from agent.engine.errors import SteadyhandError
from agent.files.paths import Paths
from agent.runtime.status.failed_start import failure_in_status
from agent.runtime.status.snapshot import State, Status
from agent.runtime.status.status_file import read_status, write_status
from agent.ui.main import run_agent


def test_a_kernel_of_another_version_is_a_state_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_kernel, "FINGERPRINT", 1)
    paths = Paths.under(tmp_path)
    with pytest.raises(SteadyhandError, match="the compiled kernel"):
        run_agent(paths, tray=False, user="ada")
    status = read_status(paths.status_file, paths.lock_file)
    assert (status["state"], status["user"], status["running"]) == ("failed", "ada", False)
    assert status["detail"] == (
        "the compiled kernel (_fastfeat) is of another version than the agent: install Steadyhand again; in a "
        "checkout: python setup.py build_ext --inplace"
    )


def test_what_the_run_before_saw_does_not_stay(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    write_status(path, Status(State.PROTECTING, trust=98))
    with pytest.raises(SteadyhandError), failure_in_status(path, "ada"):
        raise SteadyhandError("x is wrong", "mend it")
    status = read_status(path, tmp_path / "lock")
    assert (status["state"], status["detail"], status["trust"]) == ("failed", "x is wrong: mend it", None)


def test_a_status_that_cannot_be_written_hides_no_error(tmp_path: Path) -> None:
    with pytest.raises(SteadyhandError, match="x is wrong"), failure_in_status(tmp_path / "no" / "s", "ada"):
        raise SteadyhandError("x is wrong", "mend it")
