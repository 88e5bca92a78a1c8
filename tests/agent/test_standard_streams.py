"""A program without standard streams, and one whose streams cannot write every letter."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from agent.standard_streams import is_broken_pipe, provide_streams

WITHOUT = """
import sys
sys.stdin = sys.stdout = sys.stderr = None
from agent.cli import main
try:
    code = main(["verify", "/nowhere/at/all"])
finally:
    open(sys.argv[1], "w").write(str(code))
"""


def test_a_command_without_streams_ends_by_its_exit_code(tmp_path: Path) -> None:
    out = tmp_path / "code"
    subprocess.run([sys.executable, "-c", WITHOUT, str(out)], check=True, timeout=60)
    assert out.read_text() == "2"


def test_a_letter_outside_the_code_page_is_written_as_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252"))
    provide_streams()
    sys.stdout.write("✓")
    sys.stdout.flush()
    assert raw.getvalue().strip() == b"\\u2713"


def test_a_pipe_whose_reader_has_gone() -> None:
    assert is_broken_pipe(BrokenPipeError())
    assert not is_broken_pipe(PermissionError())
