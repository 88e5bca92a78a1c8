"""Mouse configuration: identity and settings of a mouse, and the key for both. The rule is in docs/mouse.md."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, Final

from agent.engine.sentence import sentence

# The description's own version. A change of what a key is made of is a new one, and its keys equal no older ones.
FORM: Final = 2


class Source(Enum):
    """Source of a setting, most trustworthy first."""

    VENDOR = "vendor protocol"
    ADMINISTRATOR = "administrator"
    SYSTEM = "operating system"
    HWDB = "hwdb"
    UNKNOWN = "unknown"

    @property
    def confidence(self) -> int:
        """4 for the vendor's protocol, down to 0 for nobody."""
        return len(Source) - 1 - list(Source).index(self)


# What says which device it is; what says how it is set. Everything that a key is made of.
IDENTITY: Final = ("bus", "vendor", "product", "version", "serial", "name", "kind", "twin")
SETTING: Final = (
    "capture",
    "remote",
    "cpi",
    "report_rate_hz",
    "pointer_speed",
    "acceleration",
    "left_handed",
    "screen_scale",
)
# What form 1 knew, in its own order.
_FORM_1: Final = (
    *("capture", "bus", "vendor", "product", "serial", "cpi", "report_rate_hz", "pointer_speed"),
    *("acceleration", "screen_scale"),
)


@dataclass(frozen=True, slots=True)
class MouseConfiguration:
    """One device with its settings, and the way it is captured.

    Attributes
    ----------
    capture : str
        How events are captured: ``pynput-x11``, ``evdev``, ``windows-hook``, ``browser`` …
    bus : str
        ``usb``, ``bluetooth``, ``ps2``, ``virtual`` or empty.
    vendor, product, version : str
        Four hexadecimal digits each, or empty.
    serial, name : str
        As the device tells them, or empty.
    cpi : int
        Counts per inch; 0 where nobody knows.
    report_rate_hz : int
        Nominal rate of reports; 0 where it is not known.
    pointer_speed : float
        The operating system's setting in its own unit.
    acceleration : str
        Name of the acceleration profile (``flat``, ``adaptive``, …), or empty.
    screen_scale : float
        Scale of the monitor, 1.0 = 100 %.
    kind : str
        ``mouse``, ``touchpad``, ``pen``, ``pointing stick``, ``touch screen``, or empty.
    left_handed : bool
        Whether the buttons are swapped.
    remote : str
        What carries the mouse of another computer here (``rdp``, ``vnc``, ``ssh`` …), or empty.
    twin : bool
        True while another device of the same identity is connected: which of them it is, nobody can say.
    sources : tuple of (str, Source)
        Source of each setting by its name; a setting without one is unknown.
    doubts : tuple of str
        What does not add up, a sentence each: shown to people, no part of the key.
    form : int
        Version of the description.
    """

    capture: str
    bus: str = ""
    vendor: str = ""
    product: str = ""
    serial: str = ""
    name: str = ""
    cpi: int = 0
    report_rate_hz: int = 0
    pointer_speed: float = 0.0
    acceleration: str = ""
    screen_scale: float = 1.0
    version: str = ""
    kind: str = ""
    left_handed: bool = False
    remote: str = ""
    twin: bool = False
    sources: tuple[tuple[str, Source], ...] = ()
    doubts: tuple[str, ...] = ()
    form: int = FORM

    @property
    def key(self) -> str:
        """Stable name of the configuration, the same on every computer: the form (but for the first), and 16
        hexadecimal digits."""
        names = _FORM_1 if self.form == 1 else (*IDENTITY, *SETTING)
        properties = {name: getattr(self, name) for name in names}
        digits = hashlib.sha256(json.dumps(properties, sort_keys=True).encode()).hexdigest()[:16]
        return digits if self.form == 1 else f"{self.form}-{digits}"

    @property
    def identity(self) -> tuple[str, ...]:
        """Which device it is, however it is set: the same on every port."""
        return tuple(str(getattr(self, name)) for name in IDENTITY if name != "twin")

    @property
    def cpi_source(self) -> Source:
        """Source of the CPI."""
        return self.source_of("cpi")

    def source_of(self, name: str) -> Source:
        """Source of the named setting."""
        return dict(self.sources).get(name, Source.UNKNOWN)

    def described(self) -> list[tuple[str, Any, Source]]:
        """Name, setting and source of every known and unknown setting, for display."""
        return [(name, getattr(self, name), self.source_of(name)) for name in (*IDENTITY[:-1], *SETTING)]

    def lines(self) -> tuple[str, ...]:
        """Display lines: one for each setting with its source, one for each doubt."""
        settings = [
            f"{name.replace('_', ' ')}: {f'{shown_setting(setting)} ({source.value})' if setting else 'unknown'}"
            for name, setting, source in self.described()
            if setting or name == "cpi"
        ]
        return (f"key: {self.key}", *settings, *(f"doubt: {doubt}" for doubt in self.doubts))

    def to_json(self) -> dict[str, Any]:
        """Plain values, for manifests and alerts."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        sources = {name: source.value for name, source in self.sources}
        return {**plain, "sources": sources, "doubts": list(self.doubts)}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> MouseConfiguration:
        """Read what `to_json` wrote, or what earlier versions did: those keep their old form and key.

        Raises
        ------
        ValueError
            If a key is missing, unknown, or of another type, or the form is newer than this version.
        """
        plain = _from_form_1(document) if "form" not in document else dict(document)
        if type(plain["form"]) is int and plain["form"] > FORM:
            raise ValueError(f"mouse configuration: form {plain['form']} is newer than this version")
        expected = {f: type(v) for f, v in cls(capture="").to_json().items()}
        if set(plain) != set(expected):
            raise ValueError(
                f"mouse configuration: keys {sorted(set(plain) ^ set(expected))} missing or unknown"
            )
        for name, kind in expected.items():
            if type(plain[name]) is not kind and not (kind is float and type(plain[name]) is int):
                raise ValueError(
                    f"mouse configuration: {name} is {plain[name]!r:.100}, not of type {kind.__name__}"
                )
        if not 1 <= plain["form"] <= FORM or not all(isinstance(doubt, str) for doubt in plain["doubts"]):
            raise ValueError("mouse configuration: no such form, or a doubt that is no text")
        sources = tuple((name, Source(source)) for name, source in plain["sources"].items())
        return cls(**{**plain, "sources": sources, "doubts": tuple(plain["doubts"])})


@dataclass(frozen=True, slots=True)
class Claim:
    """Setting as reported by one source.

    Attributes
    ----------
    setting : int
    source : Source
    """

    setting: int
    source: Source


def believed(what: str, claims: Iterable[Claim]) -> tuple[Claim, tuple[str, ...]]:
    """The claim of the most trustworthy source, and a sentence for each that says otherwise.

    Parameters
    ----------
    what : str
        Name of the value in the sentences.
    claims : iterable of Claim
        0 is no claim.
    """
    made = sorted((c for c in claims if c.setting), key=lambda claim: -claim.source.confidence)
    if not made:
        return Claim(0, Source.UNKNOWN), ()
    best = made[0]
    # The table in hwdb holds the default of the model: that a mouse is set otherwise is no doubt.
    others = [c for c in made[1:] if c.setting != best.setting and c.source is not Source.HWDB]
    return best, tuple(
        sentence(
            "{what}: {best} by the {by}, {other} by the {other_by}",
            what=sentence(what),
            best=str(best.setting),
            by=sentence(best.source.value),
            other=str(c.setting),
            other_by=sentence(c.source.value),
        )
        for c in others
    )


def shown_setting(setting: Any) -> str:
    """A setting as people read it."""
    if isinstance(setting, bool):
        word = "yes" if setting else "no"
        return sentence(word)
    if isinstance(setting, float):
        return f"{setting:g}"
    return str(setting) if setting else sentence("unknown")


def _from_form_1(document: dict[str, Any]) -> dict[str, Any]:
    """The description before it knew form, kind, version, hand, remote and twins."""
    if set(document) != {*_FORM_1, "name", "cpi_source"}:
        raise ValueError(
            f"mouse configuration: keys {sorted(set(document) ^ {*_FORM_1, 'name', 'cpi_source'})} missing or unknown"
        )
    new = MouseConfiguration(capture="").to_json()
    unchanged = {name: setting for name, setting in document.items() if name != "cpi_source"}
    return {**new, **unchanged, "sources": {"cpi": document["cpi_source"]}, "form": 1}
