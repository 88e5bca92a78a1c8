"""From what every source says of a mouse to its configuration. Pure: all that is known comes in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from agent.engine.mouse import Claim, MouseConfiguration, Source, believed
from agent.engine.sentence import sentence
from agent.files.devices import Declared, DeclaredDevice
from agent.host.linux.desktop_pointer import PointerSetting
from agent.host.linux.ratbag import VendorDevice
from agent.host.linux.sysfs import KernelDevice
from agent.host.linux.udev import UdevDevice
from agent.host.linux.xmice import XMouse

_TOLD: Final = ("bus", "vendor", "product", "version", "serial", "name", "kind")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What holds for every mouse of the session.

    Attributes
    ----------
    capture : str
    remote : str
    scale : float
    core_speed : float
        The display server's own, for devices that nobody else sets.
    vendors : tuple of VendorDevice
    declared : Declared
    """

    capture: str
    remote: str = ""
    scale: float = 1.0
    core_speed: float = 0.0
    vendors: tuple[VendorDevice, ...] = ()
    declared: Declared = field(default_factory=Declared)


def describe(
    mouse: XMouse,
    kernel: KernelDevice,
    udev: UdevDevice,
    setting: PointerSetting | None,
    around: Surroundings,
) -> MouseConfiguration:
    """The configuration of one mouse, each value with its source.

    Parameters
    ----------
    mouse : XMouse
    kernel, udev
        What sysfs and udev know of its node; empty where there is none.
    setting : PointerSetting or None
        The desktop's, used only where the display server does not tell.
    around : Surroundings
    """
    vendor, product = mouse.vendor or kernel.vendor, mouse.product or kernel.product
    serial = udev.serial or kernel.serial
    spoken, doubts = _vendor_of(around.vendors, vendor, product, serial)
    cpi, rate, more_doubts = _measures(spoken, around.declared.of(vendor, product, serial), kernel, udev)
    speed, acceleration, left_handed = _set_by(mouse, setting, around.core_speed)
    plain = MouseConfiguration(
        capture=around.capture,
        bus=kernel.bus or udev.bus or ("" if mouse.node else "virtual"),
        vendor=vendor,
        product=product,
        version=kernel.version,
        serial=serial,
        name=mouse.name or kernel.name,
        kind=udev.kind or mouse.kind,
        cpi=cpi.setting,
        report_rate_hz=rate.setting,
        pointer_speed=speed,
        acceleration=acceleration,
        left_handed=left_handed,
        screen_scale=around.scale,
        remote=around.remote,
        doubts=(*doubts, *more_doubts),
    )
    return replace(plain, sources=_sources(plain, cpi, rate))


def _measures(
    spoken: VendorDevice, entry: DeclaredDevice | None, kernel: KernelDevice, udev: UdevDevice
) -> tuple[Claim, Claim, tuple[str, ...]]:
    """CPI and report rate, each from whoever is believed first, and what is doubtful about them."""
    cpi, cpi_doubts = believed(
        "CPI",
        (
            Claim(spoken.cpi, Source.VENDOR),
            Claim(entry.cpi if entry else 0, Source.ADMINISTRATOR),
            Claim(udev.cpi, Source.HWDB),
        ),
    )
    rate, rate_doubts = believed(
        "report rate",
        (
            Claim(spoken.report_rate_hz, Source.VENDOR),
            Claim(entry.report_rate_hz if entry else 0, Source.ADMINISTRATOR),
            Claim(kernel.interval_hz, Source.SYSTEM),
            Claim(udev.report_rate_hz, Source.HWDB),
        ),
    )
    return cpi, rate, (*cpi_doubts, *rate_doubts)


def _set_by(mouse: XMouse, setting: PointerSetting | None, core_speed: float) -> tuple[float, str, bool]:
    """Speed, acceleration and handedness, from the display server, else from the desktop."""
    setter = mouse if mouse.speed is not None or setting is None else setting
    return (core_speed if setter.speed is None else setter.speed), setter.acceleration, setter.left_handed


def _sources(plain: MouseConfiguration, cpi: Claim, rate: Claim) -> tuple[tuple[str, Source], ...]:
    system = [name for name in _TOLD if getattr(plain, name)]
    system += ["capture", "remote", "pointer_speed", "acceleration", "left_handed", "screen_scale"]
    sources = dict.fromkeys(system, Source.SYSTEM) | {"cpi": cpi.source, "report_rate_hz": rate.source}
    return tuple(sources.items())


def tell_twins_apart(
    mice: Mapping[int, MouseConfiguration], ports: Mapping[int, str]
) -> dict[int, MouseConfiguration]:
    """Mark devices of one identity that are connected at the same time: which is which, nobody can say.

    One device may show several pointers on one port; those are no twins.

    Parameters
    ----------
    mice : mapping of int to MouseConfiguration
        By the number of the source of events.
    ports : mapping of int to str
        Where each is plugged in; empty where it is not known.
    """
    count = Counter(
        identity for identity, _ in {(m.identity, ports.get(n) or str(n)) for n, m in mice.items()}
    )
    out = {}
    for number, mouse in mice.items():
        if count[mouse.identity] > 1:
            doubt = sentence(
                "{count} mice of one identity are connected: which one moves cannot be told",
                count=count[mouse.identity],
            )
            mouse = replace(mouse, twin=True, doubts=(*mouse.doubts, doubt))
        out[number] = mouse
    return out


def _vendor_of(
    devices: Iterable[VendorDevice], vendor: str, product: str, serial: str
) -> tuple[VendorDevice, tuple[str, ...]]:
    """What a vendor's protocol says of a device, and what is doubtful about that."""
    model = [d for d in devices if vendor and (d.vendor, d.product) == (vendor, product)]
    fitting = [d for d in model if serial and d.serial == serial] or model
    if len({(d.cpi, d.report_rate_hz) for d in fitting}) > 1:
        model_id = f"{vendor}:{product}"
        doubt = sentence(
            "{count} mice {model} are told by vendor protocols: whose CPI it is cannot be told",
            count=len(fitting),
            model=model_id,
        )
        return VendorDevice(vendor, product), (doubt,)
    if not fitting:
        return VendorDevice(vendor, product), ()
    return fitting[0], tuple(doubt for d in fitting for doubt in d.doubts)
