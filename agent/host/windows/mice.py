"""The mice of a Windows session. Not run on Windows: it follows Microsoft's reference; tests script the functions."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from agent.engine.mouse import Claim, MouseConfiguration, Source, believed
from agent.files.devices import Declared
from agent.host.windows.win32 import Win32

CAPTURE: Final = "windows-hook"

# \\?\HID#VID_046D&PID_C08B&MI_00#… by USB, \\?\HID#{…}_VID&0002046d_PID&b023_REV&0007_…#… by Bluetooth.
_USB: Final = re.compile(r"#VID_([0-9A-F]{4})&PID_([0-9A-F]{4})", re.I)
_BLUETOOTH: Final = re.compile(r"_VID&[0-9A-F]{2,4}([0-9A-F]{4})_PID&([0-9A-F]{4})", re.I)
_REMOTE: Final = re.compile(r"RDP_MOU", re.I)
_SERIAL: Final = "a mouse's serial number is not told by Windows"
_SEVERAL: Final = "{} mice are connected: which of them moves, the hook does not say"


def windows_mice(win32: Win32, declared: Declared) -> tuple[MouseConfiguration, ...]:
    """Every mouse that raw input lists, each with the session's pointer settings."""
    remote = "rdp" if win32.remote_session() else ""
    names = [name for name in win32.mouse_names() if remote or not _REMOTE.search(name)]
    mice = list(dict.fromkeys(_mouse(name, remote, win32, declared) for name in names))
    if len(mice) > 1:
        doubt = _SEVERAL.format(len(mice))
        mice = [replace(mouse, doubts=(*mouse.doubts, doubt)) for mouse in mice]
    return tuple(mice)


def _mouse(name: str, remote: str, win32: Win32, declared: Declared) -> MouseConfiguration:
    usb, bluetooth = _USB.search(name), _BLUETOOTH.search(name)
    ids = usb or bluetooth
    vendor, product = (ids[1].lower(), ids[2].lower()) if ids else ("", "")
    entry = declared.of(vendor, product, "")
    cpi, _ = believed("CPI", (Claim(entry.cpi if entry else 0, Source.ADMINISTRATOR),))
    rate, _ = believed("report rate", (Claim(entry.report_rate_hz if entry else 0, Source.ADMINISTRATOR),))
    system = (
        *("bus", "vendor", "product", "capture", "remote", "pointer_speed", "acceleration"),
        *("left_handed", "screen_scale"),
    )
    sources = dict.fromkeys(system, Source.SYSTEM) | {"cpi": cpi.source, "report_rate_hz": rate.source}
    return MouseConfiguration(
        capture=CAPTURE,
        bus="usb" if usb else "bluetooth" if bluetooth else "",
        vendor=vendor,
        product=product,
        cpi=cpi.setting,
        report_rate_hz=rate.setting,
        pointer_speed=float(win32.mouse_speed()),
        acceleration="enhanced" if win32.enhances_precision() else "flat",
        left_handed=win32.swaps_buttons(),
        screen_scale=round(win32.screen_dpi() / 96.0, 3),
        remote=remote,
        sources=tuple(sources.items()),
        doubts=(_SERIAL,) if ids else (),
    )
