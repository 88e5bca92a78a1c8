"""How commands end when the reader or a worker goes away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from joblib import Parallel, delayed

from enroll.cli import main
from enroll.commands import evaluation


def test_a_reader_that_goes_away_is_no_error_text(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "enroll", "guide", str(tmp_path)]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, "")


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_worker_is_named_with_its_likely_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(
        evaluation._RUNS, "stream", lambda _options: Parallel(n_jobs=2)(delayed(_die)() for _ in range(2))
    )
    assert main(["evaluate", "stream", str(tmp_path), "--jobs", "2"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "a process of --jobs 2 was killed, most likely for want of memory: use fewer --jobs" in line


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == "steadyhand-enroll 0.1.0\n"
