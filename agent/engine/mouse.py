"""The mouse configuration: what counts as the same mouse, and the key that says so."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any


class CpiSource(Enum):
    """Where a CPI figure comes from, most trustworthy first."""

    VENDOR = "vendor protocol"
    ADMINISTRATOR = "administrator"
    HWDB = "hwdb"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MouseConfiguration:
    """One device with its settings, and the way it is captured.

    The same mouse on another port is the same; another CPI, pointer speed, acceleration profile, screen
    scale or way of capture is another configuration, with a profile of its own.

    Attributes
    ----------
    capture : str
        How events are captured: ``pynput-x11``, ``evdev``, ``windows-hook``, ``rdp``, ``browser`` …
    bus : str
        ``usb``, ``bluetooth``, ``ps2``, ``virtual`` or empty.
    vendor, product : str
        Four hexadecimal digits each, or empty.
    serial, name : str
        As the device tells them, or empty.
    cpi : int
        Counts per inch; 0 where nobody knows.
    cpi_source : CpiSource
    report_rate_hz : int
        Nominal rate of reports; 0 where it is not known.
    pointer_speed : float
        The operating system's setting in its own unit.
    acceleration : str
        Name of the acceleration profile (``flat``, ``adaptive``, …), or empty.
    screen_scale : float
        Scale of the monitor, 1.0 = 100 %.
    """

    capture: str
    bus: str = ""
    vendor: str = ""
    product: str = ""
    serial: str = ""
    name: str = ""
    cpi: int = 0
    cpi_source: CpiSource = CpiSource.UNKNOWN
    report_rate_hz: int = 0
    pointer_speed: float = 0.0
    acceleration: str = ""
    screen_scale: float = 1.0

    @property
    def key(self) -> str:
        """Stable name of the configuration: 16 hexadecimal digits, the same on every computer."""
        told = {k: v for k, v in self.to_json().items() if k not in ("cpi_source", "name")}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """Plain values, for manifests and alerts."""
        return {**asdict(self), "cpi_source": self.cpi_source.value}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> MouseConfiguration:
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            If a key is missing, unknown, or of another type.
        """
        expected = {f: type(v) for f, v in cls(capture="").to_json().items()}
        if set(told) != set(expected):
            raise ValueError(
                f"mouse configuration: keys {sorted(set(told) ^ set(expected))} missing or unknown"
            )
        for name, kind in expected.items():
            if type(told[name]) is not kind and not (kind is float and type(told[name]) is int):
                raise ValueError(
                    f"mouse configuration: {name} is {told[name]!r}, not of type {kind.__name__}"
                )
        return cls(**{**told, "cpi_source": CpiSource(told["cpi_source"])})
