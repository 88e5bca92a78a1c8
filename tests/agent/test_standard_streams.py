"""A program without standard streams, and one whose streams cannot write every letter."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from agent.standard_streams import (
    VisibleFormatter,
    is_broken_pipe,
    log_to_file,
    log_to_stderr,
    provide_streams,
    steerable,
)

WITHOUT = """
import json, sys
sys.stdin = sys.stdout = sys.stderr = None
import agent.cli
windows = []
agent.cli.show_message = lambda title, text: windows.append(text)
code = None
try:
    code = agent.cli.main(["verify", "/nowhere/at/all"])
finally:
    json.dump([code, windows], open(sys.argv[1], "w"))
"""


def test_a_command_without_streams_ends_by_its_exit_code(tmp_path: Path) -> None:
    out = tmp_path / "code"
    subprocess.run([sys.executable, "-c", WITHOUT, str(out)], check=True, timeout=60)
    code, windows = json.loads(out.read_text())
    assert code == 2
    # On Windows nobody would learn why, had it no window.
    assert len(windows) == (1 if sys.platform == "win32" else 0)
    assert all("nowhere" in text for text in windows)


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


STEERING = "Mouse\x1b]0;title\x07\r\n\u202eesuom\x9b2J"


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_what_would_steer_a_terminal_is_written_as_its_escape(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, name, out)
    provide_streams()
    provide_streams()
    print(STEERING, end="\n", file=getattr(sys, name))
    getattr(sys, name).writelines(["a\tb\n", "\x1b"])
    assert out.getvalue() == "Mouse\\u001b]0;title\\u0007\\r\n\\u202eesuom\\u009b2J\na\tb\n\\u001b"


def test_a_log_record_is_one_line_and_its_traceback_several() -> None:
    record = logging.LogRecord("mice", logging.WARNING, "", 0, "seen: %s", (STEERING,), None)
    text = VisibleFormatter("%(name)s %(message)s").format(record)
    assert text == "mice seen: Mouse\\u001b]0;title\\u0007\\r\\n\\u202eesuom\\u009b2J"
    try:
        raise ValueError("broken")
    except ValueError:
        record.exc_info = sys.exc_info()
    assert len(VisibleFormatter("%(message)s").format(record).splitlines()) > 2


def test_a_log_file_takes_the_place_of_a_log_that_was_set_up_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the relay's service: the command that it is started by has set up its own."""
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.root, "level", logging.WARNING)
    log_to_stderr(logging.WARNING, "%(message)s")
    log_to_file(tmp_path / "relay.log", logging.INFO, "%(levelname)s %(message)s")
    logging.getLogger("a module").info("policy has changed")
    assert (tmp_path / "relay.log").read_text() == "INFO policy has changed\n"
    for handler in logging.root.handlers:
        handler.close()


def test_a_progress_bar_still_redraws_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    provide_streams()
    assert steerable(sys.stderr) is out
    assert steerable(out) is out
