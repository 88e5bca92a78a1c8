"""The mice of a macOS session. Not run on macOS: it follows Apple's reference; tests script the functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from agent.engine.mouse import Claim, MouseConfiguration, Source, believed
from agent.files.devices import Declared
from agent.host.macos.quartz import Quartz

CAPTURE: Final = "pynput-macos"

_BUSES: Final = {
    "USB": "usb",
    "Bluetooth": "bluetooth",
    "Bluetooth Low Energy": "bluetooth",
    "SPI": "internal",
}
_SEVERAL: Final = "{} mice are connected: which of them moves, the event tap does not say"


def mac_mice(quartz: Quartz, declared: Declared) -> tuple[MouseConfiguration, ...]:
    """Every pointing device of the HID registry, each with the session's pointer settings."""
    mice = list(
        dict.fromkeys(_mouse(device, quartz, declared) for device in _pointing(quartz.pointing_devices()))
    )
    if len(mice) > 1:
        doubt = _SEVERAL.format(len(mice))
        mice = [replace(mouse, doubts=(*mouse.doubts, doubt)) for mouse in mice]
    return tuple(mice)


def _mouse(device: Mapping[str, Any], quartz: Quartz, declared: Declared) -> MouseConfiguration:
    vendor, product = (_number(device.get(name)) for name in ("VendorID", "ProductID"))
    serial, name = _text(device.get("SerialNumber")), _text(device.get("Product"))
    entry = declared.of(vendor, product, serial)
    # HIDPointerResolution is what the driver assumes, not what the mouse is set to: it is no CPI.
    cpi, _ = believed("CPI", (Claim(entry.cpi if entry else 0, Source.ADMINISTRATOR),))
    interval_us = device.get("ReportInterval")
    nominal = round(1_000_000 / interval_us) if type(interval_us) is int and interval_us > 0 else 0
    rate, doubts = believed(
        "report rate",
        (Claim(entry.report_rate_hz if entry else 0, Source.ADMINISTRATOR), Claim(nominal, Source.SYSTEM)),
    )
    scaling = quartz.pointer_scaling()
    system = (
        *("bus", "vendor", "product", "version", "serial", "name", "kind", "capture"),
        *("pointer_speed", "acceleration"),
    )
    sources = dict.fromkeys(system, Source.SYSTEM) | {"cpi": cpi.source, "report_rate_hz": rate.source}
    return MouseConfiguration(
        capture=CAPTURE,
        bus=_BUSES.get(_text(device.get("Transport")), ""),
        vendor=vendor,
        product=product,
        version=_number(device.get("VersionNumber")),
        serial=serial,
        name=name,
        kind="touchpad" if "trackpad" in name.lower() else "mouse",
        cpi=cpi.setting,
        report_rate_hz=rate.setting,
        pointer_speed=scaling,
        acceleration="flat" if scaling < 0 else "adaptive",
        sources=tuple(sources.items()),
        doubts=doubts,
    )


def _pointing(devices: Iterable[Any]) -> list[Mapping[str, Any]]:
    """Those of ioreg's devices whose primary use is a mouse or a pointer."""
    return [
        d
        for d in devices
        if isinstance(d, dict) and d.get("PrimaryUsagePage") == 1 and d.get("PrimaryUsage") in (1, 2)
    ]


def _number(number: Any) -> str:
    return f"{number:04x}" if type(number) is int and 0 < number < 1 << 16 else ""


def _text(text: Any) -> str:
    return text[:256] if isinstance(text, str) else ""
