"""The agent's training child as it is really started: a program with pipes."""

from __future__ import annotations

import subprocess
import sys


def test_a_request_that_is_none_is_refused_in_one_line() -> None:
    ended = subprocess.run(
        [sys.executable, "-I", "-m", "enroll", "train-child"],
        input=b"{}\n",
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert b"Traceback" not in ended.stderr
    assert ended.stdout == b""
