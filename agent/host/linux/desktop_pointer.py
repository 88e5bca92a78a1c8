"""Pointer settings as the desktop keeps them: GNOME's in GSettings, KDE's in KWin or kcminputrc.

Used where the display server does not tell how it really set the device; what it tells goes first.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.opening import SETTINGS_FILE, read_checked
from agent.host.linux.bus import SESSION, Bus, BusError, Service
from agent.host.linux.processes import installed_program

GNOME_SCHEMA: Final = "org.gnome.desktop.peripherals.mouse"
_KWIN: Final = "org.kde.KWin.InputDevice"
_MOST_BYTES: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class PointerSetting:
    """How a desktop sets the pointer.

    Attributes
    ----------
    speed : float
        -1 to 1, 0 being the middle.
    acceleration : str
        ``flat``, ``adaptive``, or empty where it is the driver's own default.
    left_handed : bool
    """

    speed: float
    acceleration: str
    left_handed: bool


def gnome_setting(run: Callable[[str], str] | None = None) -> PointerSetting | None:
    """GNOME's setting; None where its schema is not installed. Blocks up to 500 ms, usually 20.

    Parameters
    ----------
    run : callable
        Takes the schema, returns what ``gsettings list-recursively`` prints; empty where there is none.
    """
    lines = map(str.split, (run or _gsettings)(GNOME_SCHEMA).splitlines())
    keys = {words[1]: words[2].strip("'") for words in lines if len(words) == 3}
    try:
        speed = float(keys["speed"])
    except (KeyError, ValueError):
        return None
    profile = keys.get("accel-profile", "default")
    return PointerSetting(
        round(speed, 4), "" if profile == "default" else profile, keys.get("left-handed") == "true"
    )


def kwin_setting(bus: Bus, event: str) -> PointerSetting | None:
    """KWin's setting of a device such as ``event3``; None where there is no KWin, or it does not answer."""
    device = Service(SESSION, "org.kde.KWin", f"/org/kde/KWin/InputDevice/{event}", _KWIN)
    if not re.fullmatch(r"event\d{1,4}", event) or not bus.has(device):
        return None
    try:
        speed = float(bus.get(device, "pointerAcceleration"))
        flat = bus.get(device, "pointerAccelerationProfileFlat") is True
        return PointerSetting(
            round(speed, 4), "flat" if flat else "adaptive", bus.get(device, "leftHanded") is True
        )
    except (BusError, TypeError, ValueError):
        return None


def kde_setting(home: Path, vendor: str, product: str, name: str) -> PointerSetting | None:
    """What ``kcminputrc`` says of one device; None where it says nothing."""
    try:
        text = read_checked(home / ".config" / "kcminputrc", SETTINGS_FILE, _MOST_BYTES).decode(
            errors="replace"
        )
    except (OSError, SteadyhandError):
        return None
    if not vendor or not product:
        return None
    group = f"[Libinput][{int(vendor, 16)}][{int(product, 16)}][{name}]"
    keys = _groups(text).get(group)
    if keys is None:
        return None
    try:
        speed = float(keys.get("PointerAcceleration", "0"))
    except ValueError:
        return None
    profile = {"1": "flat", "2": "adaptive"}.get(keys.get("PointerAccelerationProfile", ""), "")
    return PointerSetting(round(speed, 4), profile, keys.get("LeftHanded") == "true")


def _groups(text: str) -> Mapping[str, Mapping[str, str]]:
    """A KDE configuration file: nested groups are written ``[A][B]``, which no INI reader knows."""
    groups: dict[str, dict[str, str]] = {}
    here: dict[str, str] = {}
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            here = groups.setdefault(line, {})
        elif "=" in line and not line.startswith("#"):
            name, _, text_value = line.partition("=")
            here[name.strip()] = text_value.strip()
    return groups


def _gsettings(schema: str) -> str:
    gsettings = installed_program("gsettings")
    if not gsettings:
        return ""
    try:
        done = subprocess.run(
            (gsettings, "list-recursively", schema),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=0.5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
