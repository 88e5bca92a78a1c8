"""Declared mice: root-owned JSON in ``/etc/steadyhand/devices``.

    {"devices": [{"vendor": "046d", "product": "c077", "cpi": 1000, "report_rate_hz": 125}]}

`serial` may narrow an entry to one device. Where two entries fit, the narrower one holds, then the later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from agent.engine.errors import SteadyhandError
from agent.files.administrators import list_administrators, read_administrators
from agent.files.decode import decode_json
from agent.files.paths import Paths

_MOST_BYTES: Final = 1 << 20
_REQUIRED: Final = frozenset(("vendor", "product", "cpi"))
_ALLOWED: Final = _REQUIRED | {"serial", "report_rate_hz"}
_CPI: Final = (50, 60_000)
_HZ: Final = (1, 16_000)


@dataclass(frozen=True, slots=True)
class DeclaredDevice:
    """One mouse as the administrator declares it.

    Attributes
    ----------
    vendor, product : str
        Four hexadecimal digits.
    serial : str
        Empty for every device of this model.
    cpi : int
    report_rate_hz : int
        0 where it is not declared.
    """

    vendor: str
    product: str
    cpi: int
    serial: str = ""
    report_rate_hz: int = 0


@dataclass(frozen=True, slots=True)
class Declared:
    """Everything that is declared.

    Attributes
    ----------
    devices : tuple of DeclaredDevice
    problems : tuple of str
        A line for each file that is not used.
    """

    devices: tuple[DeclaredDevice, ...] = ()
    problems: tuple[str, ...] = ()

    def of(self, vendor: str, product: str, serial: str) -> DeclaredDevice | None:
        """The entry that fits a device best; None where none does, and for a device without numbers."""
        fitting = [
            d
            for d in self.devices
            if vendor and (d.vendor, d.product) == (vendor, product) and d.serial in ("", serial)
        ]
        best = [d for d in fitting if d.serial] or fitting
        return best[-1] if best else None


def declared_devices(paths: Paths, *, required_uid: int = 0) -> Declared:
    """Read every file of the folder, in the order of their names. A bad one is a problem, not an error.

    Parameters
    ----------
    paths : Paths
    required_uid : int
        Who must own the files; anything but root is for tests.
    """
    top = paths.administrators_dir
    try:
        files = list_administrators(paths.devices_dir, top, required_uid, ".json")
    except SteadyhandError as error:
        return Declared(problems=(f"declared mice not used: {error}",))
    devices: list[DeclaredDevice] = []
    problems: list[str] = []
    for path in files:
        try:
            devices += parse_devices(read_administrators(path, top, required_uid, _MOST_BYTES), str(path))
        except SteadyhandError as error:
            problems.append(f"declared mice not used: {error}")
    return Declared(tuple(devices), tuple(problems))


def parse_devices(raw: bytes, where: str) -> tuple[DeclaredDevice, ...]:
    """The entries of one file.

    Raises
    ------
    SteadyhandError
        If it is not JSON, or an entry is not as it must be; the message names it by its number from 1.
    """
    try:
        document = decode_json(raw, _MOST_BYTES)
    except ValueError as error:
        raise SteadyhandError(f"{where} is not JSON ({error})", "mend the file") from error
    entries = document.get("devices") if isinstance(document, dict) and set(document) == {"devices"} else None
    if not isinstance(entries, list):
        raise SteadyhandError(f"{where} is not an object with a list of devices", 'write {"devices": [...]}')
    out = []
    for number, entry in enumerate(entries, 1):
        try:
            out.append(_device(entry))
        except ValueError as error:
            raise SteadyhandError(f"{where}, device {number}: {error}", "mend the entry") from error
    return tuple(out)


def _device(entry: Any) -> DeclaredDevice:
    if not isinstance(entry, dict) or not _REQUIRED <= set(entry) <= _ALLOWED:
        raise ValueError(f"not an object with {', '.join(sorted(_REQUIRED))} and nothing unknown")
    for name in ("vendor", "product"):
        if not isinstance(entry[name], str) or not re.fullmatch("[0-9a-f]{4}", entry[name]):
            raise ValueError(f"{name} is {entry[name]!r}, not four hexadecimal digits in small letters")
    for name, (least, most) in {"cpi": _CPI, "report_rate_hz": _HZ}.items():
        number = entry.get(name, least)
        if type(number) is not int or not least <= number <= most:
            raise ValueError(f"{name} is {number!r}, not a whole number from {least} to {most}")
    if not isinstance(entry.get("serial", ""), str):
        raise ValueError("serial is not a text")
    return DeclaredDevice(**entry)
