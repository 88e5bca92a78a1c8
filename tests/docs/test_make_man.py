"""Man pages: every command and option is in them, in roff that a formatter takes without a complaint."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("program", ["steadyhand", "steadyhand-enroll"])
def test_every_command_is_in_the_page(program: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "docs.make_man", str(tmp_path)], cwd=ROOT, check=True, timeout=120)
    page = (tmp_path / f"{program}.1").read_text(encoding="utf-8")
    module = "agent" if program == "steadyhand" else "enroll"
    told = subprocess.run(
        [sys.executable, "-m", module, "--help"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout
    commands = re.findall(r"^    ([a-z][a-z-]+)(?: |$)", told, re.MULTILINE)
    assert len(commands) > 5
    for command in commands:
        assert f".SS {command.replace('-', chr(92) + '-')}" in page
    if shutil.which("groff"):
        formatted = subprocess.run(
            ["groff", "-man", "-Tutf8", "-ww"],
            input=page,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert formatted.stderr == ""
        assert "OPTIONS" in re.sub(".\x08", "", formatted.stdout)
