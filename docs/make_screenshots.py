"""Makes the pictures of the tray in docs/images: a real tray on a real panel on a display of its own.

    python docs/make_screenshots.py

Needs what `make setup` installs: Xvfb, openbox, tint2, dbus-daemon, xdotool, PyGObject with GTK 3.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PIL import Image, ImageChops  # noqa: E402

from agent.runtime.status import State  # noqa: E402
from agent.ui.icons import LOOKS  # noqa: E402
from tests.e2e.desktop import Desktop, end, missing, wait_until  # noqa: E402
from tests.e2e.tray_driver import TrayProcess  # noqa: E402

IMAGES = ROOT / "docs" / "images"
WALLPAPER = "#5b7a99"
PANELS = (("#2b2f36", "#ffffff"), ("#e9ebee", "#22262c"))
STATUS = {
    "trust": 93,
    "mode": "enforce",
    "mouse": "Logitech G203, 800 CPI",
}


def shown(tray: TrayProcess, desktop: Desktop, state: State, **told: object) -> tuple[int, int]:
    """Show a status and wait until it is seen; where the icon is."""
    tray.show(state, **told)
    colour = LOOKS[state][0]
    wait_until(lambda: desktop.find(colour), f"the icon for {state.value}")
    time.sleep(0.3)
    place = desktop.find(colour)
    assert place is not None
    return place


def states() -> Image.Image:
    """Every state on a dark and on a light panel, one under the other."""
    return stacked([on_panel(background, ink) for background, ink in PANELS])


def on_panel(background: str, ink: str) -> Image.Image:
    """Every state on one panel, side by side."""
    with tempfile.TemporaryDirectory() as folder, Desktop(Path(folder)) as desktop:
        desktop.tint2(background, ink, height_px=56, icon_px=44)
        tray = TrayProcess(desktop, "xorg")
        crops = []
        for state in State:
            x, y = shown(tray, desktop, state)
            crops.append(desktop.screenshot().crop((x - 38, y - 28, x + 38, y + 28)))
        end(tray.process)
    row = Image.new("RGB", (sum(c.width for c in crops), crops[0].height))
    for number, crop in enumerate(crops):
        row.paste(crop, (number * crop.width, 0))
    return row


def menu() -> Image.Image:
    """The open menu on a dark panel, as it is on the screen."""
    with tempfile.TemporaryDirectory() as folder, Desktop(Path(folder), (1024, 640)) as desktop:
        desktop.paint(WALLPAPER)
        desktop.tint2(height_px=40, icon_px=26)
        tray = TrayProcess(desktop, "gtk")
        x, y = shown(tray, desktop, State.PROTECTING, **STATUS)
        before = desktop.screenshot()
        desktop.xdotool("mousemove", str(x), str(y), "click", "3")
        wait_until(lambda: changed(before, desktop.screenshot()), "the menu")
        desktop.xdotool("mousemove", str(x), str(y - 150))
        time.sleep(0.5)
        picture = desktop.screenshot()
        left, top, _, _ = changed(before, picture) or (0, 0, 0, 0)
        end(tray.process)
    return picture.crop((left - 24, top - 24, picture.width, picture.height))


def changed(before: Image.Image, now: Image.Image) -> tuple[int, int, int, int] | None:
    """The box in which two pictures differ."""
    return ImageChops.difference(before, now).getbbox()


def stacked(pictures: list[Image.Image]) -> Image.Image:
    """`pictures`, of one width, one under the other."""
    whole = Image.new("RGB", (pictures[0].width, sum(p.height for p in pictures)))
    top = 0
    for picture in pictures:
        whole.paste(picture, (0, top))
        top += picture.height
    return whole


def main() -> int:
    """Write both pictures."""
    lacking = missing("Xvfb", "openbox", "tint2", "dbus-daemon", "xdotool")
    if lacking:
        sys.stderr.write(f"{lacking}: run `make setup` first\n")
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, picture in (("tray.png", states()), ("tray-menu.png", menu())):
        picture.save(IMAGES / name, optimize=True)
        sys.stdout.write(f"{(IMAGES / name).relative_to(ROOT)}: {picture.width} x {picture.height}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
