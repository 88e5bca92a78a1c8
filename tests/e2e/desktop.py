"""A desktop of one's own for a test or a picture: Xvfb, a message bus, a window manager, a panel."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import numpy as np
import Xlib.display
from PIL import Image, ImageGrab

TINT2 = """
rounded = 0
border_width = 0
background_color = {background} 100
border_color = {background} 100
panel_items = TSC
panel_position = bottom center horizontal
panel_size = 100% {height_px}
panel_background_id = 1
systray_padding = 6 4 6
systray_icon_size = {icon_px}
time1_format = %H:%M
time1_font = DejaVu Sans 10
clock_font_color = {ink} 100
clock_padding = 10 0
"""


def missing(*programs: str) -> str:
    """The programs that are not installed, as the reason for a skip; empty where all are."""
    lacking = [p for p in programs if shutil.which(p) is None]
    return f"not installed: {', '.join(lacking)}" if lacking else ""


def wait_until(true: Callable[[], object], what: str, within_s: float = 10.0) -> None:
    """Look every 50 ms whether `true` holds.

    Raises
    ------
    TimeoutError
        If it does not within `within_s`.
    """
    end_s = time.monotonic() + within_s
    while not true():
        if time.monotonic() > end_s:
            raise TimeoutError(f"not within {within_s:.0f} s: {what}")
        time.sleep(0.05)


class Desktop:
    """A context manager; everything it starts ends with it.

    Parameters
    ----------
    folder : Path
        Home of the programs on this desktop.
    size_px : tuple of int
        Width and height of the screen.
    """

    def __init__(self, folder: Path, size_px: tuple[int, int] = (800, 600)) -> None:
        self._size_px = size_px
        self._running: list[subprocess.Popen[bytes]] = []
        self.folder = folder
        self.display = ""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "DBUS_", "WAYLAND_"))}
        runtime = folder / "runtime"
        self.env = {**kept, "HOME": str(folder), "XDG_RUNTIME_DIR": str(runtime), "LC_ALL": "C.UTF-8"}

    def __enter__(self) -> Desktop:
        (self.folder / "runtime").mkdir(mode=0o700, parents=True, exist_ok=True)
        self.display = self._xvfb()
        self.env["DISPLAY"] = self.display
        self.env["DBUS_SESSION_BUS_ADDRESS"] = self._bus()
        self.start("openbox")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self._running):
            end(process)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a program on this desktop."""
        with (self.folder / "programs.log").open("ab") as log:
            process = subprocess.Popen(command, env=self.env, stdout=log, stderr=log)
        self._running.append(process)
        return process

    def tint2(
        self,
        background: str = "#2b2f36",
        ink: str = "#ffffff",
        height_px: int = 32,
        icon_px: int = 22,
    ) -> subprocess.Popen[bytes]:
        """Start a panel with an XEMBED tray and a clock."""
        settings = self.folder / "tint2rc"
        settings.write_text(
            TINT2.format(background=background, ink=ink, height_px=height_px, icon_px=icon_px)
        )
        return self.start("tint2", "-c", str(settings))

    def paint(self, colour: str) -> None:
        """Give the desktop one colour."""
        connection = Xlib.display.Display(self.display)
        screen = connection.screen()
        screen.root.change_attributes(background_pixel=int(colour.removeprefix("#"), 16))
        screen.root.clear_area()
        connection.sync()
        connection.close()

    def screenshot(self) -> Image.Image:
        """The screen as it is now, RGB."""
        return ImageGrab.grab(xdisplay=self.display).convert("RGB")

    def find(self, colour: tuple[int, ...], least_px: int = 50) -> tuple[int, int] | None:
        """Centre of the pixels that have exactly `colour`; None if there are fewer than `least_px`."""
        ys, xs = np.nonzero((np.asarray(self.screenshot()) == colour[:3]).all(axis=2))
        if len(xs) < least_px:
            return None
        return int(xs.min() + xs.max()) // 2, int(ys.min() + ys.max()) // 2

    def xdotool(self, *words: str) -> None:
        """Move, click or type as a person would."""
        subprocess.run(("xdotool", *words), env=self.env, check=True, timeout=10)

    def _xvfb(self) -> str:
        read, write = os.pipe()
        width, height = self._size_px
        command = (
            *("Xvfb", "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24"),
            *("-nolisten", "tcp", "-noreset"),
        )
        with (self.folder / "programs.log").open("ab") as log:
            self._running.append(subprocess.Popen(command, pass_fds=(write,), stdout=log, stderr=log))
        os.close(write)
        with os.fdopen(read) as told:
            number = told.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start: see programs.log")
        return f":{number}"

    def _bus(self) -> str:
        process = subprocess.Popen(
            ("dbus-daemon", "--session", "--nofork", "--print-address"),
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._running.append(process)
        assert process.stdout is not None
        return process.stdout.readline().decode().strip()


def end(process: subprocess.Popen[bytes]) -> None:
    """End one program, by force if it does not go within two seconds."""
    process.terminate()
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
