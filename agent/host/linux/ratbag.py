"""CPI and report rate of mice that ratbagd knows: org.freedesktop.ratbag1 on the system bus.

Its word is checked as far as it can be: libratbag has told a CPI that was not active (piper #970, libratbag
#826 #834 #1697), so an answer that contradicts itself counts as none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from agent.engine.sentence import sentence
from agent.host.linux.bus import SYSTEM, Bus, BusError, Service

RATBAG: Final = Service(
    SYSTEM, "org.freedesktop.ratbag1", "/org/freedesktop/ratbag1", "org.freedesktop.ratbag1.Manager"
)
SIGNALS: Final = {"interface": "org.freedesktop.DBus.Properties", "path_namespace": RATBAG.path}

_MOST: Final = 16
_CPI: Final = range(50, 60_001)
_HZ: Final = range(50, 16_001)


@dataclass(frozen=True, slots=True)
class VendorDevice:
    """One mouse as its vendor's protocol describes it.

    Attributes
    ----------
    vendor, product : str
        Four hexadecimal digits.
    serial : str
        Empty where the protocol does not tell it.
    cpi, report_rate_hz : int
        0 where they are not told, or not believed.
    doubts : tuple of str
        Why something was not believed.
    """

    vendor: str
    product: str
    serial: str = ""
    cpi: int = 0
    report_rate_hz: int = 0
    doubts: tuple[str, ...] = field(default=())


def ratbag_devices(bus: Bus) -> tuple[VendorDevice, ...]:
    """Every mouse that ratbagd knows; none where it does not run, or does not answer in time.

    Blocks up to 200 ms a question; a service that misses one is asked no further.
    """
    if not bus.has(RATBAG):
        return ()
    try:
        paths = _listed(bus.get(RATBAG, "Devices"))
        return tuple(device for path in paths if (device := _device(bus, path)))
    except BusError:
        return ()


def _device(bus: Bus, path: str) -> VendorDevice | None:
    at = RATBAG.at(path, "org.freedesktop.ratbag1.Device")
    model = re.fullmatch(r"(?:usb|bluetooth):([0-9a-f]{4}):([0-9a-f]{4}):\w+", str(bus.get(at, "Model")))
    if model is None:
        return None
    active = [
        profile
        for profile in (
            RATBAG.at(p, "org.freedesktop.ratbag1.Profile") for p in _listed(bus.get(at, "Profiles"))
        )
        if bus.get(profile, "IsActive") is True
    ]
    if len(active) != 1:
        doubt = sentence(
            "ratbagd calls {count} profiles of the mouse active: its CPI is not believed", count=len(active)
        )
        return VendorDevice(model[1], model[2], doubts=(doubt,))
    cpi, doubts = _cpi(bus, active[0])
    rate = bus.get(active[0], "ReportRate")
    return VendorDevice(model[1], model[2], "", cpi, rate if rate in _HZ else 0, doubts)


def _cpi(bus: Bus, profile: Service) -> tuple[int, tuple[str, ...]]:
    active_cpi = [
        _number(bus.get(resolution, "Resolution"))
        for resolution in (
            RATBAG.at(p, "org.freedesktop.ratbag1.Resolution")
            for p in _listed(bus.get(profile, "Resolutions"))
        )
        if bus.get(resolution, "IsActive") is True
    ]
    if len(active_cpi) == 1 and active_cpi[0] in _CPI:
        return active_cpi[0], ()
    shown = ", ".join(map(str, active_cpi)) or "none"
    return 0, (f"ratbagd tells these CPI as active: {shown}; it is not believed",)


def _number(resolution: Any) -> int:
    """One number, or one for each axis: those must be alike."""
    if isinstance(resolution, tuple) and len(resolution) == 2 and isinstance(resolution[0], str):
        resolution = resolution[1]
    if isinstance(resolution, tuple) and len(set(resolution)) == 1:
        resolution = resolution[0]
    return resolution if type(resolution) is int else 0


def _listed(paths: Any) -> list[str]:
    """Object paths below ratbagd's own, a few at most: a service can say anything."""
    listed = paths if isinstance(paths, list) else []
    return [p for p in listed if isinstance(p, str) and p.startswith(RATBAG.path + "/")][:_MOST]
