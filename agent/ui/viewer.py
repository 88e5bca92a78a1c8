"""Writes a page as a private file and has the desktop's browser open it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from agent.engine.errors import SteadyhandError

Launch = Callable[[Sequence[str]], None]


def write_private(path: Path, text: str) -> None:
    """Put `text` at `path` in one step: mode 0600, in a folder of mode 0700.

    Raises
    ------
    SteadyhandError
        If the folder cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, new = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(new, path)
    except OSError as error:
        raise SteadyhandError(
            f"cannot write {path} ({error.strerror})", "make its folder writable"
        ) from error


def opener(platform: str = sys.platform) -> tuple[str, ...]:
    """The command that opens a file with the desktop's own program; empty where there is none.

    Windows' and macOS' are from their documents and were not run.
    """
    if platform == "win32":
        return ("rundll32", "url.dll,FileProtocolHandler")
    name = "open" if platform == "darwin" else "xdg-open"
    return (name,) if shutil.which(name) else ()


def launch_detached(command: Sequence[str]) -> None:
    """Start `command`, which outlives this process, and see to its end from a thread; returns at once. Any thread."""
    # Started here and not by the thread: a command such as `steadyhand open` ends before a thread would begin.
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as why:
        raise SteadyhandError(
            f"cannot start {command[0]} ({why.strerror})", "open the page in a browser"
        ) from why
    # A browser that is already open makes this end at once; one that is not stays until it is closed.
    threading.Thread(target=child.wait, name="steadyhand-viewer", daemon=True).start()


class Viewer:
    """Shows pages.

    Parameters
    ----------
    folder : Path
        Where the pages are put; each new one takes the place of the last of its name.
    command : sequence of str
        What opens a file; empty where nothing does.
    launch : callable
        Starts a command; must return at once.
    """

    def __init__(
        self, folder: Path, command: Sequence[str] | None = None, launch: Launch = launch_detached
    ) -> None:
        self._folder = folder
        self._command = opener() if command is None else tuple(command)
        self._launch = launch

    def show(self, name: str, html: str) -> Path:
        """Write `html` as the page `name` and open it. Tray thread; blocks for one small file.

        Returns
        -------
        Path
            Where it lies.

        Raises
        ------
        SteadyhandError
            If it cannot be written, or if nothing here opens it; the message says where it lies.
        """
        path = self._folder / f"{name}.html"
        write_private(path, html)
        if not self._command:
            raise SteadyhandError(
                "nothing on this computer opens pages (xdg-open)", f"open {path} in a browser"
            )
        self._launch((*self._command, str(path)))
        return path
