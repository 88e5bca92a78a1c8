"""Chromium without a window: a page as it is drawn, and what it complains about."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from PIL import Image


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page in the browser.

    Attributes
    ----------
    picture : Image
        RGB.
    complaints : tuple of str
        What the browser's console says: blocked styles, scripts, requests.
    """

    picture: Image.Image
    complaints: tuple[str, ...]


def flags(profile: Path) -> tuple[str, ...]:
    """What every start needs: a profile of its own, no questions, no talking to anybody."""
    quiet = (
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        "--force-device-scale-factor=1",
        f"--user-data-dir={profile}",
    )
    # Root, as in a container, has no sandbox; everybody else keeps it.
    return ("--no-sandbox", *quiet) if os.geteuid() == 0 else quiet


def draw(page: Path, folder: Path, size_px: tuple[int, int], *, dark: bool = False) -> Drawn:
    """Draw the file `page`.

    Parameters
    ----------
    page : Path
    folder : Path
        For the browser's profile and the picture.
    size_px : tuple of int
        Width and height of the window.
    dark : bool
        As on a desktop that is set to dark colours.
    """
    picture = folder / "drawn.png"
    scheme = (
        ("--blink-settings=preferredColorScheme=0",) if dark else ("--blink-settings=preferredColorScheme=1",)
    )
    ran = subprocess.run(
        (
            "chromium",
            "--headless",
            *flags(folder / "profile"),
            *scheme,
            "--enable-logging=stderr",
            f"--window-size={size_px[0]},{size_px[1]}",
            f"--screenshot={picture}",
            page.absolute().as_uri(),
        ),
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "HOME": str(folder)},
        check=True,
    )
    complaints = tuple(line for line in ran.stderr.splitlines() if "CONSOLE" in line)
    with Image.open(picture) as drawn:
        return Drawn(drawn.convert("RGB"), complaints)
