"""CPI and report rate of Razer mice: openrazer's daemon, org.razer on the session bus."""

from __future__ import annotations

import re
from typing import Any, Final

from agent.host.linux.bus import SESSION, Bus, BusError, Service
from agent.host.linux.ratbag import VendorDevice

RAZER: Final = Service(SESSION, "org.razer", "/org/razer", "razer.devices")

_MOST: Final = 16
_CPI: Final = range(50, 60_001)
_HZ: Final = range(50, 16_001)


def razer_devices(bus: Bus) -> tuple[VendorDevice, ...]:
    """Every Razer mouse; none where the daemon does not run, or does not answer in time.

    Blocks up to 200 ms a question; a daemon that misses one is asked no further.
    """
    if not bus.has(RAZER):
        return ()
    try:
        (serials,) = bus.call(RAZER, "getDevices")
        named = [s for s in serials if isinstance(s, str) and re.fullmatch(r"\w{1,64}", s)][:_MOST]
        return tuple(device for serial in named if (device := _device(bus, serial)))
    except (BusError, TypeError, ValueError):
        return ()


def _device(bus: Bus, serial: str) -> VendorDevice | None:
    path = f"{RAZER.path}/device/{serial}"
    misc = RAZER.at(path, "razer.device.misc")
    (kind,) = bus.call(misc, "getDeviceType")
    if kind != "mouse":
        return None
    (numbers,) = bus.call(misc, "getVidPid")
    if not _are_numbers(numbers, range(1 << 16)):
        return None
    (cpi,) = bus.call(RAZER.at(path, "razer.device.dpi"), "getDPI")
    (rate,) = bus.call(misc, "getPollRate")
    vendor, product = (f"{number:04x}" for number in numbers)
    rate_hz = rate if rate in _HZ else 0
    if _are_numbers(cpi, _CPI) and cpi[0] == cpi[1]:
        return VendorDevice(vendor, product, serial, cpi[0], rate_hz)
    return VendorDevice(
        vendor, product, serial, 0, rate_hz, (f"openrazer tells {cpi!r} as CPI: it is not believed",)
    )


def _are_numbers(numbers: Any, allowed: range) -> bool:
    return (
        isinstance(numbers, list)
        and len(numbers) == 2
        and all(type(n) is int and n in allowed for n in numbers)
    )
