"""What people see, in a real browser and real windows: the pages light and dark, the keyboard, notifications."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agent.host.linux.jeepney_bus import JeepneyBus
from agent.host.linux.notify import DesktopNotifier
from agent.runtime.status.privacy_facts import PrivacyFacts
from agent.runtime.status.snapshot import State, Status
from agent.ui.notices import Notices
from agent.ui.recorded import Storage, recorded_page
from agent.ui.statuspage import status_page
from enroll.cli import main as enroll_main
from tests.e2e.browser import draw, flags
from tests.e2e.desktop import Desktop, missing, wait_until
from tests.e2e.example_day import INTRODUCTION, LEARNING, PROTECTING, TOLD_AT, a_proven_day
from tests.e2e.tray_driver import TrayProcess
from tests.enroll.report.samples import stream_result, write_json

needs_browser = pytest.mark.skipif(bool(missing("chromium")), reason=missing("chromium"))
needs_windows = pytest.mark.skipif(
    bool(missing("Xvfb", "openbox", "dbus-daemon", "xdotool", "tint2", "dunst")),
    reason=missing("Xvfb", "openbox", "dbus-daemon", "xdotool", "tint2", "dunst"),
)
SIZE_PX = (820, 1400)
ACCENTS = {False: (0x1A, 0x8A, 0x48), True: (0x3D, 0xB8, 0x72)}
PAPERS = {False: (0xF3, 0xF5, 0xF8), True: (0x17, 0x1B, 0x21)}


def pages() -> dict[str, str]:
    return {
        "status": status_page(PROTECTING, TOLD_AT, a_proven_day(), INTRODUCTION),
        "learning": status_page(LEARNING, TOLD_AT, a_proven_day(), INTRODUCTION),
        "recorded": recorded_page(
            Storage("r", "p", "a", erase_command="steadyhand recordings --erase"), PrivacyFacts()
        ),
    }


def count(picture: Image.Image, colour: tuple[int, int, int]) -> int:
    return int((np.asarray(picture) == colour).all(axis=2).sum())


def colours(picture: Image.Image) -> int:
    return len(np.unique(np.asarray(picture).reshape(-1, 3), axis=0))


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """WCAG 2.1's contrast ratio."""

    def luminance(colour: tuple[int, int, int]) -> float:
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour)
        ]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@needs_browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["status", "learning", "recorded"])
def test_a_page_is_drawn_as_it_is_meant_and_nothing_is_blocked(name: str, dark: bool, tmp_path: Path) -> None:
    page = tmp_path / f"{name}.html"
    page.write_text(pages()[name], encoding="utf-8")
    drawn = draw(page, tmp_path, SIZE_PX, dark=dark)
    assert drawn.complaints == ()
    assert drawn.picture.getpixel((3, 3)) == PAPERS[dark]
    if name != "recorded":
        assert count(drawn.picture, ACCENTS[dark]) > 500, "the bar, filled as far as it should be"
    assert contrast(ACCENTS[dark], PAPERS[dark]) >= 3.0


@needs_browser
def test_a_script_that_got_into_a_page_does_not_run(tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    html = pages()["recorded"].replace("</main>", "<script>document.body.remove()</script></main>")
    page.write_text(html, encoding="utf-8")
    drawn = draw(page, tmp_path, SIZE_PX)
    assert any("Content Security Policy" in line for line in drawn.complaints)
    assert count(drawn.picture, PAPERS[False]) > 1000
    assert colours(drawn.picture.crop((60, 60, 700, 500))) > 10, "the page is still there"


@needs_browser
def test_the_report_is_drawn_and_needs_nothing(tmp_path: Path) -> None:
    result = write_json(tmp_path / "stream.json", stream_result())
    page = tmp_path / "report.html"
    assert enroll_main(["report", str(result), "--people", "250", "--out", str(page)]) == 0
    drawn = draw(page, tmp_path, SIZE_PX)
    assert drawn.complaints == ()
    assert colours(drawn.picture) > 100


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    with Desktop(tmp_path, (1000, 760)) as made:
        yield made


@needs_browser
@needs_windows
@pytest.mark.display
def test_from_the_tray_to_the_page_and_through_it_by_keyboard(desktop: Desktop) -> None:
    desktop.tint2()
    tray = TrayProcess(desktop, "xorg")
    tray.show(State.PROTECTING, trust=93, mode="enforce", mouse="Logitech G203")
    green = (0x1A, 0x8A, 0x48)
    wait_until(lambda: desktop.find(green), "the icon on the panel", 15)
    x, y = desktop.find(green) or (0, 0)
    assert tray.line() == "ready"
    desktop.xdotool("mousemove", str(x), str(y), "click", "1")
    assert tray.line() == "page status.html"
    # The tray of the test has no day to tell of: the same page, with one.
    page = desktop.folder / "status.html"
    assert "Protecting this session" in page.read_text(encoding="utf-8")
    page.write_text(pages()["status"], encoding="utf-8")
    desktop.start("chromium", *flags(desktop.folder / "profile"), f"--app={page.as_uri()}")
    wait_until(lambda: titled(desktop, "Protecting this session - Steadyhand"), "the browser's window", 20)
    wait_until(lambda: count(desktop.screenshot(), (0xF3, 0xF5, 0xF8)) > 10_000, "the page in its window", 20)
    before = settled(desktop)
    desktop.xdotool("key", "Tab", "Return")
    wait_until(lambda: differs(before, desktop.screenshot()), "the figures unfolded by keyboard")
    tray.stop()


def titled(desktop: Desktop, title: str) -> bool:
    """Whether a window bears `title`; a search that a closing window disturbs has found nothing."""
    command = ("xdotool", "search", "--onlyvisible", "--name", title)
    return bool(subprocess.run(command, env=desktop.env, capture_output=True, timeout=10).stdout.strip())


def settled(desktop: Desktop) -> Image.Image:
    """The screen once it has stopped changing."""
    last = desktop.screenshot()
    for _ in range(40):
        time.sleep(0.25)
        now = desktop.screenshot()
        if not differs(last, now, least_px=1):
            return now
        last = now
    raise TimeoutError("the screen does not come to rest")


def differs(before: Image.Image, now: Image.Image, least_px: int = 2_000) -> bool:
    return int((np.asarray(before) != np.asarray(now)).any(axis=2).sum()) >= least_px


@needs_windows
@pytest.mark.display
def test_the_countdown_is_seen_on_the_screen(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    desktop.start("dunst")
    monkeypatch.setitem(os.environ, "DBUS_SESSION_BUS_ADDRESS", desktop.env["DBUS_SESSION_BUS_ADDRESS"])
    before = desktop.screenshot()
    notifier = DesktopNotifier(JeepneyBus())

    def shown() -> bool:
        notices = Notices(notifier, time.monotonic_ns)
        return notices.status_changed(Status(State.SUSPICIOUS, countdown_s=10.0)) is not None

    wait_until(shown, "dunst on the bus")
    wait_until(lambda: differs(before, desktop.screenshot()), "the notification on the screen")
