"""The tray on real panels: it docks, changes its picture, opens its menu, and ends when it is told to."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from agent.runtime.status.snapshot import State
from agent.ui.icons import LOOKS
from tests.e2e.desktop import Desktop, end, missing, wait_until
from tests.e2e.tray_driver import TrayProcess, require, with_repository

pytestmark = [
    pytest.mark.display,
    pytest.mark.skipif(
        bool(missing("Xvfb", "openbox", "dbus-daemon", "xdotool")),
        reason=missing("Xvfb", "openbox", "dbus-daemon", "xdotool"),
    ),
]

RUNS = 20


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    with Desktop(tmp_path) as made:
        yield made


@pytest.fixture
def trays(desktop: Desktop) -> Iterator[list[TrayProcess]]:
    made: list[TrayProcess] = []
    yield made
    for tray in made:
        if tray.process.poll() is None:
            end(tray.process)


def panel(desktop: Desktop, name: str) -> None:
    if missing(name):
        pytest.skip(missing(name))
    if name == "tint2":
        desktop.tint2()
    else:
        desktop.start(name)


def docked(desktop: Desktop, trays: list[TrayProcess], backend: str, state: State) -> tuple[int, int]:
    """Start a tray, show `state`, wait for its colour; where the icon is."""
    tray = TrayProcess(desktop, backend)
    trays.append(tray)
    assert tray.line() == "ready"
    tray.show(state, trust=93, mode="enforce", mouse="Test mouse, 800 CPI")
    return seen(desktop, state)


def seen(desktop: Desktop, state: State) -> tuple[int, int]:
    colour = LOOKS[state][0]
    wait_until(lambda: desktop.find(colour), f"an icon for {state.value} on the panel", 15)
    place = desktop.find(colour)
    assert place is not None
    return place


def test_docks_changes_and_leaves(desktop: Desktop, trays: list[TrayProcess]) -> None:
    panel(desktop, "tint2")
    docked(desktop, trays, "xorg", State.PROTECTING)
    changes_and_leaves(desktop, trays[0])


def changes_and_leaves(desktop: Desktop, tray: TrayProcess) -> None:
    for state in (State.SUSPICIOUS, State.UNKNOWN_MOUSE, State.CANNOT_SEE):
        tray.show(state)
        seen(desktop, state)
    tray.stop()
    wait_until(lambda: desktop.find(LOOKS[State.CANNOT_SEE][0]) is None, "the icon gone from the panel")


@pytest.mark.parametrize(("backend_name", "panel_name"), [("gtk", "tint2"), ("appindicator", "xfce4-panel")])
def test_menu_opens_and_asks(
    desktop: Desktop, trays: list[TrayProcess], backend_name: str, panel_name: str
) -> None:
    panel(desktop, panel_name)
    x, y = docked(desktop, trays, require(backend_name), State.PROTECTING)
    before = np.asarray(desktop.screenshot())
    desktop.xdotool("mousemove", str(x), str(y), "click", "3")
    wait_until(
        lambda: (np.asarray(desktop.screenshot()) != before).any(axis=2).sum() > 10_000,
        "a menu on the screen",
    )
    # The menu stays open while its texts change.
    trays[0].show(State.PROTECTING, trust=92, mode="enforce", mouse="Test mouse, 800 CPI")
    time.sleep(0.3)
    desktop.xdotool("key", "Up", "Return")
    assert trays[0].line() == "command quit"
    changes_and_leaves(desktop, trays[0])


def test_click_on_plain_x_opens_the_status_page(desktop: Desktop, trays: list[TrayProcess]) -> None:
    panel(desktop, "tint2")
    x, y = docked(desktop, trays, "xorg", State.SUSPICIOUS)
    desktop.xdotool("mousemove", str(x), str(y), "click", "1")
    assert trays[0].line() == "page status.html"
    assert "Unusual mouse movement" in (desktop.folder / "status.html").read_text()
    notes = trays[0].stop()["notes"]
    assert isinstance(notes, list)
    assert "no menu" in notes[0]


def test_plain_x_blends_into_the_panel(desktop: Desktop, trays: list[TrayProcess]) -> None:
    if missing("tint2"):
        pytest.skip(missing("tint2"))
    desktop.tint2(background="#d8dde4", ink="#000000")
    x, y = docked(desktop, trays, "xorg", State.PROTECTING)
    around = np.asarray(desktop.screenshot())[y - 14 : y + 14, x - 14 : x + 14]
    assert tuple(around[0, 0]) == (0xD8, 0xDD, 0xE4)
    # No dark seam: every pixel lies between the panel, the body (its green is the least) and the white sign.
    assert around.max(axis=2).min() >= max(LOOKS[State.PROTECTING][0][:3])
    trays[0].stop()


@pytest.mark.parametrize("backend_name", ["xorg", "gtk"])
def test_survives_its_panel(desktop: Desktop, trays: list[TrayProcess], backend_name: str) -> None:
    if missing("tint2"):
        pytest.skip(missing("tint2"))
    first = desktop.tint2()
    docked(desktop, trays, require(backend_name), State.PROTECTING)
    first.kill()
    first.wait()
    time.sleep(1)
    assert trays[0].process.poll() is None
    desktop.tint2()
    seen(desktop, State.PROTECTING)
    trays[0].stop()


@pytest.mark.parametrize("backend_name", ["xorg", "appindicator,gtk"])
def test_waits_for_a_late_panel(desktop: Desktop, trays: list[TrayProcess], backend_name: str) -> None:
    for name in backend_name.split(","):
        require(name)
    tray = TrayProcess(desktop, backend_name)
    trays.append(tray)
    assert tray.line() == "ready"
    tray.show(State.PROTECTING)
    time.sleep(1)
    panel(desktop, "tint2")
    seen(desktop, State.PROTECTING)
    tray.stop()


@pytest.mark.parametrize(
    ("backend_name", "number"),
    [("xorg", signal.SIGTERM), ("gtk", signal.SIGTERM), ("gtk", signal.SIGINT), ("none", signal.SIGTERM)],
)
def test_signals_reach_the_agent(
    desktop: Desktop, trays: list[TrayProcess], backend_name: str, number: int
) -> None:
    tray = TrayProcess(desktop, backend_name if backend_name == "none" else require(backend_name))
    trays.append(tray)
    assert tray.line() == "ready"
    wait_until(lambda: tray.which() == backend_name, "the back-end")
    tray.process.send_signal(number)
    assert tray.line().startswith("ended ")
    assert tray.process.wait(5) == 0


def test_display_that_dies_leaves_a_headless_tray(desktop: Desktop, trays: list[TrayProcess]) -> None:
    panel(desktop, "tint2")
    docked(desktop, trays, "xorg", State.PROTECTING)
    xvfb = desktop._running[0]
    xvfb.kill()
    xvfb.wait()
    time.sleep(1)
    assert trays[0].process.poll() is None
    assert trays[0].stop()["backend"] == "none"


def test_no_display_at_all(desktop: Desktop, trays: list[TrayProcess]) -> None:
    del desktop.env["DISPLAY"]
    tray = TrayProcess(desktop, "appindicator,gtk,xorg")
    trays.append(tray)
    assert tray.line() == "ready"
    wait_until(lambda: tray.which() == "none", "the tray that shows nothing")
    ended = tray.stop()
    assert ended["backend"] == "none"
    assert "steadyhand status" in str(ended["notes"])


RUN_AND_STOP = """
import sys, threading, time
from pathlib import Path
from agent.runtime.status.privacy_facts import PrivacyFacts
from agent.runtime.status.snapshot import State, Status
from agent.ui.menu import Allowed
from agent.ui.recorded import Storage
from agent.ui.tray import Tray, back_ends
from agent.ui.viewer import Viewer
from tests.e2e.tray_process import NoNotifier

name, runs = sys.argv[1], int(sys.argv[2])
for number in range(runs):
    tray = Tray(print, allowed=Allowed(), storage=Storage("r", "p", "a"), facts=PrivacyFacts(),
                viewer=Viewer(Path(), ()), notifier=NoNotifier(), makes={name: back_ends()[name]})
    def shake(tray=tray, number=number):
        time.sleep(0.01 * (number % 10))
        for state in State:
            tray.show(Status(state, trust=number))
        tray.stop()
        tray.show(Status())
        tray.stop()
    threading.Thread(target=shake).start()
    tray.run()
    print(number, flush=True)
"""


@pytest.mark.parametrize(
    ("backend", "with_panel"), [("xorg", True), ("xorg", False), ("gtk", True), ("appindicator", False)]
)
def test_ends_every_time(desktop: Desktop, backend: str, with_panel: bool) -> None:
    require(backend)
    if with_panel:
        panel(desktop, "tint2")
        time.sleep(0.5)
    ran = subprocess.run(
        (sys.executable, "-c", RUN_AND_STOP, backend, str(RUNS)),
        env={**desktop.env, "PYTHONPATH": with_repository(desktop.env.get("PYTHONPATH", ""))},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == [str(number) for number in range(RUNS)]
    assert "Traceback" not in ran.stderr
