"""What a person can see and reach in GNOME and sway: notifications on screenshots, controls, the mouse service."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.desktop.container import ROOT, Container

SHOTS = ROOT / "build" / "desktop"
_LONG = (
    "Is it you? Choose “That was me”. The mouse moves differently from how you usually move it. "
    "If this goes on, the screen locks."
)
_NOTIFY = ("notify-send", "-a", "Steadyhand", "Unusual mouse movement", _LONG)
_SHELL_SHOT = "org.gnome.Shell.Screenshot"
_GNOME_SHOT = (
    "gdbus",
    "call",
    "--session",
    "-d",
    "org.gnome.Shell.Screenshot",
    "-o",
    "/org/gnome/Shell/Screenshot",
    "-m",
)

Check = tuple[str, Callable[[], object]]


def start_mouse_service(c: Container) -> None:
    """Start it as its package does."""
    for name in ("relay", "mouse"):
        c.run("systemd-sysusers", f"steadyhand-{name}.conf")
    c.run("systemctl", "daemon-reload")
    c.run("systemctl", "start", "steadyhand-program-check.socket", "steadyhand-mouse.service")


def mouse_service(c: Container) -> str:
    """It runs in its sandbox, and the doctor says that no mouse is plugged in, as none is."""
    state = c.run("systemctl", "show", "-P", "ActiveState", "steadyhand-mouse").strip()
    assert state == "active", c.run("journalctl", "-u", "steadyhand-mouse", "--no-pager")
    return state


def doctor(c: Container, part: str, words: str, **environ: str) -> str:
    """What the doctor says of a part."""
    printed = c.as_anna("/usr/bin/steadyhand", "doctor", timeout_s=120, **environ)
    lines = [line for line in printed.splitlines() if part in line]
    assert any(words in line for line in lines), printed
    return "; ".join(line.strip() for line in lines)


def gnome_shot(c: Container, tree: Path) -> str:
    """A notification of the agent's length in GNOME's banner, as a picture."""
    c.as_anna(*_NOTIFY)
    time.sleep(2)
    c.as_anna(*_GNOME_SHOT, f"{_SHELL_SHOT}.Screenshot", "false", "false", "/home/anna/shot.png")
    return kept(tree / "home/anna/shot.png", "gnome-notification.png")


def sway_shot(c: Container, tree: Path, **environ: str) -> str:
    """The same in sway with mako."""
    c.as_anna(*_NOTIFY, **environ)
    time.sleep(2)
    c.as_anna("grim", "/home/anna/shot.png", **environ)
    return kept(tree / "home/anna/shot.png", "sway-notification.png")


def kept(shot: Path, name: str) -> str:
    """Keep a picture, which must be there."""
    assert shot.exists(), f"{shot.name} was not made"
    SHOTS.mkdir(parents=True, exist_ok=True)
    shutil.move(shot, SHOTS / name)
    return str((SHOTS / name).relative_to(ROOT))


def in_gnome(c: Container, tree: Path) -> Iterator[Check]:
    """GNOME."""
    yield "the mouse service runs in its sandbox", lambda: mouse_service(c)
    wayland = {"XDG_SESSION_TYPE": "wayland", "WAYLAND_DISPLAY": "wayland-0"}
    yield "the doctor says that no mouse is plugged in", lambda: doctor(c, "capture", "cannot see", **wayland)
    yield (
        "the doctor names what can be reached without a tray",
        lambda: doctor(c, "tray", "no panel here takes icons", **wayland),
    )
    yield "a notification is shown", lambda: gnome_shot(c, tree)


def in_sway(c: Container, tree: Path, environ: dict[str, str]) -> Iterator[Check]:
    """sway, whose bar takes icons."""
    yield "the bar takes the icon", lambda: doctor(c, "tray", "a panel here takes the icon", **environ)
    yield "a notification and the icon are shown", lambda: sway_shot(c, tree, **environ)
