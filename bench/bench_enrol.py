"""How long an hour of recording takes to become a profile, by the way that the agent takes.

Encrypted recordings are read, go over a pipe to the training child, and what comes back is checked, signed
and put in place: `agent.runtime.learning.training.Trainer`.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final
from unittest import mock

from agent.config.schema import Settings
from agent.engine.disagreement import Disagreement
from agent.engine.mouse import MouseConfiguration
from agent.files.keys import recording_key
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.recording import open_recording
from agent.files.stream import Session
from agent.runtime.learning.training import Trainer
from bench.people import OWNER, session

SESSIONS: Final = 3
SECONDS: Final = 1200.0
_MOUSE: Final = MouseConfiguration(capture="bench")
_ROOT: Final = Path(__file__).parents[1]
# The isolated interpreter that the agent starts finds an installed Steadyhand only.
_CHILD: Final = (
    f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from enroll.cli import main; sys.exit(main())"
)


def measure(folder: Path) -> dict[str, float | str]:
    """Seconds of wall clock for one generated hour of active use; the recordings lie in `folder`.

    Raises
    ------
    SteadyhandError
        If training fails.
    """
    with tempfile.TemporaryDirectory(dir=folder) as name:
        paths = Paths.under(Path(name))
        files = tuple(_recorded(paths, number) for number in range(SESSIONS))
        trainer = Trainer(paths, OWNER, Settings(), partial(datetime.now, UTC), NoListener())
        with mock.patch("agent.runtime.learning.training.child_command", _child_command):
            start_ns, used_s = time.perf_counter_ns(), _cpu_s()
            profile = trainer.train(files, _MOUSE)
            taken_s, used_s = (time.perf_counter_ns() - start_ns) / 1e9, _cpu_s() - used_s
    hours = float(profile.summary["hours"])
    return {
        "seconds_per_hour": round(taken_s / hours, 2),
        "cpu s": round(used_s, 2),
        "hours": round(hours, 3),
        "actions": int(profile.summary["actions"]),
    }


def _cpu_s() -> float:
    """CPU time of this process and of the children that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _recorded(paths: Paths, number: int) -> Path:
    path = paths.recordings_dir / f"{number}.recording"
    private_dir(path.parent)
    start_ns = int(number * 2 * SECONDS * 1e9)
    with open_recording(path, recording_key(paths)) as writer:
        writer.append([Session(_MOUSE, start_ns, time.time_ns())])
        writer.append([session(number, SECONDS, start_ns=start_ns)])
    return path


def _child_command() -> list[str]:
    return [sys.executable, "-c", _CHILD, "train-child"]


class NoListener:
    """Hears nothing of what became of the training: `train` is called directly."""

    def trained(self, message: str, disagreements: tuple[Disagreement, ...]) -> None:
        """See `TrainingListener`."""

    def renewal_refused(self, disagreements: tuple[Disagreement, ...]) -> None:
        """See `TrainingListener`."""

    def training_failed(self, line: str) -> None:
        """See `TrainingListener`."""
