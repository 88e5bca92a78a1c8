"""The generator of the user manager: the agent gets the capability that session programs have, where it can."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

GENERATOR = Path(__file__).parents[2] / "packaging/systemd/user-generators/steadyhand-generator"
_SETPCAP, _WAKE_ALARM = 8, 35

pytestmark = pytest.mark.skipif(not shutil.which("setpriv"), reason="setpriv takes the capability away")


def generate(folder: Path, *manager: str) -> subprocess.CompletedProcess[str]:
    """Run it as a child of a manager with that much."""
    words = [*manager, "sh", "-c", f"{GENERATOR} {folder}; exit $?"]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=20)


def has_capability(number: int) -> bool:
    (line,) = (
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("CapPrm:")
    )
    return bool(int(line.split()[1], 16) >> number & 1)


@pytest.mark.skipif(not has_capability(_WAKE_ALARM), reason="this account has not the capability itself")
def test_a_manager_that_has_it_hands_it_to_the_agent(tmp_path: Path) -> None:
    assert generate(tmp_path).returncode == 0
    made = (tmp_path / "steadyhand.service.d/wake-alarm.conf").read_text()
    assert made == "[Service]\nAmbientCapabilities=CAP_WAKE_ALARM\n"


@pytest.mark.skipif(not has_capability(_SETPCAP), reason="this account cannot take a capability away")
def test_an_older_manager_is_asked_for_nothing(tmp_path: Path) -> None:
    without = ("setpriv", "--inh-caps=-wake_alarm", "--bounding-set=-wake_alarm")
    ended = generate(tmp_path, *without)
    assert ended.returncode == 0, ended.stderr
    assert list(tmp_path.iterdir()) == []
