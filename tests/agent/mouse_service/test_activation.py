"""Services that systemd starts with their socket."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("command", ["program-check", "own-program-check"])
def test_started_by_hand_it_says_in_a_line_what_starts_it(command: str) -> None:
    environ = {name: words for name, words in os.environ.items() if name != "LISTEN_FDS"}
    ended = subprocess.run(
        [sys.executable, "-m", "agent", command], env=environ, capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    remedy = f"as root: systemctl start steadyhand-{command}.socket"
    assert ended.stderr == f"steadyhand: {command}: systemd starts it, with its socket: {remedy}\n"
