"""Vendors' daemons on a scripted bus: believed, lying, slow, absent."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from agent.host.linux import vendors
from agent.host.linux.bus import SYSTEM, BusError, Signal
from agent.host.linux.openrazer import RAZER, razer_devices
from agent.host.linux.ratbag import RATBAG, VendorDevice, ratbag_devices
from agent.host.linux.vendors import Vendors

AT = RATBAG.path
IFACE = "org.freedesktop.ratbag1"


def ratbag(bus: Any, **told: Any) -> None:
    """One Logitech mouse with one profile and one resolution, but for what is told otherwise."""
    bus.present.add(RATBAG.name)
    bus.answers |= {
        f"{IFACE}.Manager.Devices": [[f"{AT}/device/hidraw0"]],
        f"{IFACE}.Device.Model": "usb:046d:c08c:0",
        f"{IFACE}.Device.Profiles": [[f"{AT}/profile/0"]],
        f"{IFACE}.Profile.IsActive": True,
        f"{IFACE}.Profile.ReportRate": 1000,
        f"{IFACE}.Profile.Resolutions": [[f"{AT}/resolution/0"]],
        f"{IFACE}.Resolution.IsActive": True,
        f"{IFACE}.Resolution.Resolution": ("u", 1600),
    } | {f"{IFACE}.{name.replace('__', '.')}": answer for name, answer in told.items()}


@pytest.mark.parametrize("told", [("u", 1600), ("(uu)", (1600, 1600)), 1600])
def test_ratbagd_tells_cpi_and_rate(bus: Any, told: Any) -> None:
    ratbag(bus, Resolution__Resolution=told)
    assert ratbag_devices(bus) == (VendorDevice("046d", "c08c", "", 1600, 1000),)


@pytest.mark.parametrize(
    "told",
    [
        {"Resolution__Resolution": ("u", 0)},
        {"Resolution__Resolution": ("(uu)", (800, 1600))},
        {"Resolution__Resolution": "fast"},
        {"Resolution__IsActive": False},
        {"Profile__Resolutions": [[f"{AT}/resolution/0", f"{AT}/resolution/1"]]},
        {"Profile__IsActive": False},
        {"Device__Profiles": [[f"{AT}/profile/0", f"{AT}/profile/1"]]},
        {"Device__Profiles": [["/somewhere/else"]]},
    ],
    ids=lambda told: next(iter(told)),
)
def test_a_ratbagd_that_contradicts_itself_is_not_believed_and_that_is_said(
    bus: Any, told: dict[str, Any]
) -> None:
    ratbag(bus, **told)
    (device,) = ratbag_devices(bus)
    assert device.cpi == 0
    assert len(device.doubts) == 1
    assert "not believed" in device.doubts[0]


@pytest.mark.parametrize(
    "told", [{"Device__Model": "nonsense"}, {"Manager__Devices": [3]}, {"Manager__Devices": BusError("gone")}]
)
def test_a_ratbagd_that_says_nothing_of_use_is_none(bus: Any, told: dict[str, Any]) -> None:
    ratbag(bus, **told)
    assert ratbag_devices(bus) == ()


def razer(bus: Any, **told: Any) -> None:
    bus.present.add(RAZER.name)
    bus.answers |= {
        "razer.devices.getDevices": (["PM1", "../etc", "KB1"],),
        "razer.device.misc.getDeviceType": [("mouse",), ("keyboard",)],
        "razer.device.misc.getVidPid": ([0x1532, 0x0084],),
        "razer.device.dpi.getDPI": ([1800, 1800],),
        "razer.device.misc.getPollRate": (500,),
    } | {f"razer.device.{name.replace('__', '.')}": answer for name, answer in told.items()}


def test_openrazer_tells_cpi_and_rate_of_mice_only(bus: Any) -> None:
    razer(bus)
    assert razer_devices(bus) == (VendorDevice("1532", "0084", "PM1", 1800, 500),)


@pytest.mark.parametrize("told", [[800, 1600], [0, 0], "1800", [True, True]])
def test_a_razer_cpi_that_cannot_be_is_not_believed(bus: Any, told: Any) -> None:
    razer(bus, dpi__getDPI=(told,))
    (device,) = razer_devices(bus)
    assert (device.cpi, len(device.doubts)) == (0, 1)


@pytest.mark.parametrize("told", [{"misc__getVidPid": ("x",)}, {"misc__getPollRate": BusError("slow")}])
def test_an_openrazer_that_says_nothing_of_use_is_none(bus: Any, told: dict[str, Any]) -> None:
    razer(bus, **told)
    assert razer_devices(bus) == ()


def test_without_daemons_nobody_is_asked(bus: Any) -> None:
    assert Vendors(bus, lambda: None).devices() == ()
    assert Vendors(None, lambda: None).devices() == ()
    assert bus.calls == []


def test_a_daemon_that_answers_too_slowly_is_none(bus: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ratbag(bus)
    seconds = iter(range(100))
    monkeypatch.setattr(vendors.time, "monotonic", lambda: next(seconds))
    assert Vendors(bus, lambda: None).devices() == ()


def test_a_signal_has_the_mice_looked_at_and_a_missing_bus_is_left_alone(bus: Any) -> None:
    bus.signals[SYSTEM] = [
        Signal(f"{AT}/resolution/0", "org.freedesktop.DBus.Properties", "PropertiesChanged", ())
    ]
    came = threading.Event()
    told = Vendors(bus, came.set)
    told.listen()
    assert came.wait(2)
    told.close()
    assert [rule.get("path_namespace") for rule in bus.rules] == [AT, None]
