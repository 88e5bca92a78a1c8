"""Makes the pictures in docs/images: a real tray on a real panel, real notifications, pages in a real browser.

    STEADYHAND_DATA=DIR python docs/make_screenshots.py

Needs what `make setup` installs: Xvfb, openbox, tint2, notification-daemon, dbus-daemon, xdotool, PyGObject, Chromium.
`report.png` is made of Balabit's training sessions, `DIR/balabit`, in some minutes more; without them it stays.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PIL import Image, ImageChops  # noqa: E402

from agent.host.linux.jeepney_bus import JeepneyBus  # noqa: E402
from agent.host.linux.notice_buttons import NOTIFICATIONS  # noqa: E402
from agent.host.linux.notify import DesktopNotifier  # noqa: E402
from agent.runtime.status.snapshot import State, Status  # noqa: E402
from agent.ui.icons import LOOKS  # noqa: E402
from agent.ui.notices import Notices  # noqa: E402
from agent.ui.statuspage import status_page  # noqa: E402
from agent.ui.was_me_link import WAS_ME_LINK  # noqa: E402
from tests.e2e.browser import draw  # noqa: E402
from tests.e2e.desktop import Desktop, end, missing, wait_until  # noqa: E402
from tests.e2e.example_day import INTRODUCTION, LEARNING, PROTECTING, TOLD_AT, a_day, a_proven_day  # noqa: E402
from tests.e2e.tray_driver import TrayProcess  # noqa: E402

IMAGES = ROOT / "docs" / "images"
NOTIFICATION_DAEMON = Path("/usr/lib/notification-daemon/notification-daemon")
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


def notifications() -> Image.Image:
    """What the person is told when learning begins, when the movement departs, and before a lock."""
    told = (
        (Status(), LEARNING),
        (PROTECTING, Status(State.SUSPICIOUS, mode="enforce")),
        (PROTECTING, Status(State.SUSPICIOUS, mode="enforce", countdown_s=10.0)),
    )
    return stacked([moments([before, now])[-1] for before, now in told])


def counting() -> Image.Image:
    """One notification that counts, and what became of it: never more than one is on the screen."""
    warned = partial(Status, State.SUSPICIOUS, mode="enforce")
    counted = [warned(countdown_s=left) for left in (3.0, 2.0)]
    held = warned(countdown_s=2.0, countdown_held=True)
    return stacked(moments([*counted, held, warned(last_lock="withdrawn")]))


def moments(statuses: list[Status]) -> list[Image.Image]:
    """What a desktop with buttons on its notifications shows after each status."""
    with tempfile.TemporaryDirectory() as folder, Desktop(Path(folder), (640, 300)) as desktop:
        desktop.paint(WALLPAPER)
        desktop.start(str(NOTIFICATION_DAEMON))
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = desktop.env["DBUS_SESSION_BUS_ADDRESS"]
        wait_until(lambda: JeepneyBus().has(NOTIFICATIONS), "the notification service")
        notices = Notices(DesktopNotifier(JeepneyBus()), time.monotonic_ns)
        pictures = []
        for told in statuses:
            notices.status_changed(told)
            time.sleep(1.0)
            pictures.append(desktop.screenshot().crop((220, 0, 640, 190)))
    return pictures


DOUBTED = replace(PROTECTING, doubted_unix_s=1.0)
LINKED = replace(a_day(), was_me_link=WAS_ME_LINK)


def status(*, dark: bool) -> Image.Image:
    """The upper half of the status page: trust over the day, what was noticed and why."""
    return in_browser(status_page(DOUBTED, TOLD_AT, LINKED, INTRODUCTION), (760, 1130), dark=dark)


def movements() -> Image.Image:
    """The part of the status page that draws the last movements."""
    whole = in_browser(status_page(PROTECTING, TOLD_AT, a_day(), INTRODUCTION), (760, 1900), dark=False)
    return whole.crop((44, 1206, 716, 1748))


def proven_day() -> Image.Image:
    """The parts of the status page on a day with proofs of identity, on drift, and on drills."""
    whole = in_browser(
        status_page(PROTECTING, TOLD_AT, a_proven_day(), INTRODUCTION), (760, 2100), dark=False
    )
    return whole.crop((32, 1064, 728, 2008))


def learning() -> Image.Image:
    """The status page while the agent learns."""
    return in_browser(status_page(LEARNING, TOLD_AT, a_day(), INTRODUCTION), (760, 720), dark=False)


def report() -> Image.Image:
    """The first page of a report on what switching locking on would cost."""
    enroll = [sys.executable, "-m", "enroll"]
    with tempfile.TemporaryDirectory() as folder:
        stream, page = Path(folder) / "stream.json", Path(folder) / "report.html"
        data = Path(os.environ["STEADYHAND_DATA"]) / "balabit"
        subprocess.run(
            [*enroll, "evaluate", "stream", str(data), "--json", str(stream)], cwd=ROOT, check=True
        )
        asked = ("--people", "250", "--hours", "20", "--out", str(page))
        subprocess.run([*enroll, "report", str(stream), *asked], cwd=ROOT, check=True)
        return draw(page, Path(folder), (1000, 925)).picture.quantize(128)


def overview() -> Image.Image:
    """The first page of an overview of forty made-up people."""
    from tests.enroll.overview.offices import made_up_office

    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "overview.html"
        office = made_up_office(Path(folder) / "office", 40, datetime.now(UTC), exempt=7)
        options = ["--office", str(office.layout.root), "--events", str(office.events), "--out", str(page)]
        subprocess.run([sys.executable, "-m", "enroll", "overview", *options], cwd=ROOT, check=True)
        return draw(page, Path(folder), (1500, 1150)).picture.quantize(64)


def in_browser(html: str, size_px: tuple[int, int], *, dark: bool) -> Image.Image:
    """A page as Chromium draws it, in few colours so that the file stays small."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(html, encoding="utf-8")
        return draw(page, Path(folder), size_px, dark=dark).picture.quantize(128)


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


PICTURES: Mapping[str, Callable[[], Image.Image]] = {
    "tray.png": states,
    "tray-menu.png": menu,
    "notifications.png": notifications,
    "countdown.png": counting,
    "status-light.png": partial(status, dark=False),
    "status-dark.png": partial(status, dark=True),
    "movements.png": movements,
    "learning.png": learning,
    "proven-day.png": proven_day,
    "report.png": report,
    "overview.png": overview,
}


def main() -> int:
    """Write the pictures, all or those that are named."""
    lacking = missing("Xvfb", "openbox", "tint2", "dbus-daemon", "xdotool", "chromium")
    if lacking:
        sys.stderr.write(f"{lacking}: run `make setup` first\n")
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    there = [name for name in PICTURES if name != "report.png" or "STEADYHAND_DATA" in os.environ]
    wanted = sys.argv[1:] or there
    for name in wanted:
        picture = PICTURES[name]()
        picture.save(IMAGES / name, optimize=True)
        sys.stdout.write(f"{(IMAGES / name).relative_to(ROOT)}: {picture.width} x {picture.height}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
