"""Pages as files: private, whole, and opened by the desktop."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from agent.ui.viewer import Viewer, launch_detached, opener


def test_writes_a_private_file_and_opens_it(tmp_path: Path) -> None:
    launched: list[Sequence[str]] = []
    viewer = Viewer(tmp_path / "pages", ("xdg-open",), launched.append)
    for text in ("first", "second"):
        path = viewer.show("status", text)
    assert path.read_text() == "second"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert os.listdir(path.parent) == ["status.html"]
    assert launched == [("xdg-open", str(path))] * 2


def test_nothing_that_opens_pages_says_where_it_lies(tmp_path: Path) -> None:
    with pytest.raises(SteadyhandError, match=r"xdg-open.*open .*status\.html in a browser"):
        Viewer(tmp_path, ()).show("status", "text")
    assert (tmp_path / "status.html").read_text() == "text"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SteadyhandError, match=r"cannot write .*file/pages/status\.html"):
        Viewer(tmp_path / "file" / "pages", ("true",)).show("status", "text")


@pytest.mark.parametrize(("platform", "name"), [("linux", "xdg-open"), ("darwin", "open")])
def test_opener_is_looked_for(
    platform: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert opener(platform) == ()
    (tmp_path / name).touch(mode=0o700)
    assert opener(platform) == (name,)


def test_what_is_launched_outlives_a_command_that_ends_at_once(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    command = ("sh", "-c", f"sleep 0.2; echo page >{seen}")
    launch = f"from agent.ui.viewer import launch_detached; launch_detached({command!r})"
    subprocess.run([sys.executable, "-c", launch], check=True, timeout=20)
    deadline_s = time.monotonic() + 10
    while not seen.exists() or not seen.read_text():
        assert time.monotonic() < deadline_s, "the browser was never started"
        time.sleep(0.02)


def test_a_program_that_cannot_be_started_is_said(tmp_path: Path) -> None:
    with pytest.raises(SteadyhandError, match=r"cannot start .*nowhere"):
        launch_detached((str(tmp_path / "nowhere"), "page.html"))


def test_launching_does_not_wait(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    launch_detached(("sh", "-c", f"cat {fifo}"))
    waiting = [thread for thread in threading.enumerate() if thread.name == "steadyhand-viewer"]
    assert len(waiting) == 1
    fifo.write_text("")
    waiting[0].join(5)
    assert not waiting[0].is_alive()
