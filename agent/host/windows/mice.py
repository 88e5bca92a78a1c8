"""Descriptions of the mice of a Windows session: paths, the session's pointer settings, the administrator's word.

Pure but for the table of functions. Run under Wine, which lists one mouse; tests script the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from agent.engine.mouse import Claim, MouseConfiguration, Source, believed
from agent.files.devices import Declared
from agent.host.windows.raw_devices import MOUSE, RawInputDevice
from agent.host.windows.win32 import Win32

CAPTURE: Final = "windows-hook"

# \\?\HID#VID_046D&PID_C08B&MI_00#… by USB, \\?\HID#{…}_VID&0002046d_PID&b023_REV&0007_…#… by Bluetooth.
_USB: Final = re.compile(r"#VID_([0-9A-F]{4})&PID_([0-9A-F]{4})", re.I)
_BLUETOOTH: Final = re.compile(r"_VID&[0-9A-F]{2,4}([0-9A-F]{4})_PID&([0-9A-F]{4})", re.I)
_REMOTE: Final = re.compile(r"RDP_MOU", re.I)
_SERIAL: Final = "the mouse tells no serial number: another of its model is taken for it"
_SESSION: Final = ("capture", "remote", "pointer_speed", "acceleration", "left_handed", "screen_scale")
_SEVERAL: Final = "{} mice are connected: which of them moves, the hook does not say"


def windows_mice(
    win32: Win32, declared: Declared, listed: Mapping[int, Sequence[RawInputDevice]], *, hears_raw: bool
) -> dict[int, MouseConfiguration]:
    """Every pointing device by its number, mice first, each with the session's pointer settings.

    Parameters
    ----------
    win32 : Win32
    declared : Declared
    listed : mapping
        The connected devices, each with its collections, as `RawDevices.listed` tells them.
    hears_raw : bool
        False where only the hook hears: then pens and touch screens are left out, and several mice are a doubt.
    """
    remote = "rdp" if win32.remote_session() else ""
    here = {n: parts for n, parts in listed.items() if remote or not _REMOTE.search(parts[0].path)}
    mice = {n: parts for n, parts in here.items() if any(part.kind == MOUSE for part in parts)}
    ordered = {**mice, **here} if hears_raw else mice
    described = {n: _described(parts, remote, win32, declared) for n, parts in ordered.items()}
    several = len(set(described.values()))
    if several > 1 and not hears_raw:
        doubt = _SEVERAL.format(several)
        return {n: replace(mouse, doubts=(*mouse.doubts, doubt)) for n, mouse in described.items()}
    return described


def _described(
    parts: Sequence[RawInputDevice], remote: str, win32: Win32, declared: Declared
) -> MouseConfiguration:
    """One device with all its collections."""
    # A touchpad's mouse is for systems that know no touchpads: the digitizer says what it is.
    main = next((part for part in parts if part.kind != MOUSE), parts[0])
    bus, vendor, product = _identity(main)
    entry = declared.of(vendor, product, main.serial)
    cpi, _ = believed("CPI", (Claim(entry.cpi if entry else 0, Source.ADMINISTRATOR),))
    rate, _ = believed("report rate", (Claim(entry.report_rate_hz if entry else 0, Source.ADMINISTRATOR),))
    sources = _system_sources(main) | {"cpi": cpi.source, "report_rate_hz": rate.source}
    return MouseConfiguration(
        capture=CAPTURE,
        bus=bus,
        vendor=vendor,
        product=product,
        serial=main.serial,
        name=main.name,
        kind="" if main.kind == MOUSE else main.kind,
        cpi=cpi.setting,
        report_rate_hz=rate.setting,
        pointer_speed=float(win32.mouse_speed()),
        acceleration="enhanced" if win32.enhances_precision() else "flat",
        left_handed=win32.swaps_buttons(),
        screen_scale=round(win32.screen_dpi() / 96.0, 3),
        remote=remote,
        sources=tuple(sources.items()),
        doubts=(_SERIAL,) if vendor and not main.serial else (),
    )


def _system_sources(device: RawInputDevice) -> dict[str, Source]:
    """What Windows itself tells; name and serial number where the device does."""
    names = ("bus", "vendor", "product", "kind", *_SESSION)
    spoken = [name for name in ("name", "serial") if getattr(device, name)]
    return dict.fromkeys((*names, *spoken), Source.SYSTEM)


def _identity(device: RawInputDevice) -> tuple[str, str, str]:
    """Bus, vendor and product, by the path; where it has none, by the device's own description."""
    usb, bluetooth = _USB.search(device.path), _BLUETOOTH.search(device.path)
    ids = usb or bluetooth
    bus = "usb" if usb else "bluetooth" if bluetooth else ""
    return (bus, ids[1].lower(), ids[2].lower()) if ids else (bus, device.vendor, device.product)
