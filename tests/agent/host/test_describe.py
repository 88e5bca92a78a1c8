"""From what every source says to one configuration: who is believed, what is doubtful, who is remote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.engine.mouse import MouseConfiguration, Source
from agent.files.devices import Declared, DeclaredDevice
from agent.host.linux.bus import BusError
from agent.host.linux.describe import Surroundings, describe, tell_twins_apart
from agent.host.linux.desktop_pointer import PointerSetting, gnome_setting, kde_setting, kwin_setting
from agent.host.linux.ratbag import VendorDevice
from agent.host.linux.remote import remote_session
from agent.host.linux.sysfs import KernelDevice
from agent.host.linux.udev import UdevDevice
from agent.host.linux.xmice import XMouse

MOUSE = XMouse(7, "Desk Mouse", "046d", "c077", "/dev/input/event5", speed=0.5, acceleration="flat")
KERNEL = KernelDevice("usb", "046d", "c077", "0111", "", "Desk Mouse", "usb-2/input0", 125)
UDEV = UdevDevice("mouse", "usb", "S1", 800, 1000)
OFFICE = Declared((DeclaredDevice("046d", "c077", 1000, report_rate_hz=500),))
SPOKEN = (VendorDevice("046d", "c077", "", 1600, 250),)


def described(**around: Any) -> MouseConfiguration:
    return describe(MOUSE, KERNEL, UDEV, None, Surroundings("pynput-x11", **around))


def test_the_vendor_beats_the_administrator_who_beats_the_table() -> None:
    table, office, vendor = (
        described(),
        described(declared=OFFICE),
        described(declared=OFFICE, vendors=SPOKEN),
    )
    assert [(m.cpi, m.cpi_source) for m in (table, office, vendor)] == [
        (800, Source.HWDB),
        (1000, Source.ADMINISTRATOR),
        (1600, Source.VENDOR),
    ]
    assert [(m.report_rate_hz, m.source_of("report_rate_hz")) for m in (table, office, vendor)] == [
        (125, Source.SYSTEM),
        (500, Source.ADMINISTRATOR),
        (250, Source.VENDOR),
    ]
    assert any("1600 by the vendor protocol, 1000 by the administrator" in doubt for doubt in vendor.doubts)
    assert len({m.key for m in (table, office, vendor)}) == 3


def test_what_a_vendors_protocol_got_wrong_is_said_and_the_next_source_holds() -> None:
    lying = (VendorDevice("046d", "c077", doubts=("ratbagd tells two CPI",)),)
    told = described(vendors=lying, declared=OFFICE)
    assert (told.cpi, told.cpi_source) == (1000, Source.ADMINISTRATOR)
    assert told.doubts[0] == "ratbagd tells two CPI"


def test_two_mice_of_one_model_are_not_taken_for_one_another() -> None:
    two = (VendorDevice("046d", "c077", "S1", 1600), VendorDevice("046d", "c077", "S2", 800))
    assert described(vendors=two).cpi == 1600, "the serial tells them apart"
    unnamed = (VendorDevice("046d", "c077", "", 1600), VendorDevice("046d", "c077", "", 800))
    told = described(vendors=unnamed)
    assert (told.cpi, told.cpi_source) == (800, Source.HWDB)
    assert "whose CPI it is cannot be told" in told.doubts[0]


def test_what_the_server_really_set_goes_before_what_the_desktop_wants() -> None:
    wish = PointerSetting(-0.5, "adaptive", True)
    around = Surroundings("pynput-x11", core_speed=2.0)
    told = describe(MOUSE, KERNEL, UDEV, wish, around)
    assert (told.pointer_speed, told.acceleration, told.left_handed) == (0.5, "flat", False)
    silent = XMouse(7, "Desk Mouse")
    told = describe(silent, KernelDevice(), UdevDevice(), wish, around)
    assert (told.pointer_speed, told.acceleration, told.left_handed) == (-0.5, "adaptive", True)
    told = describe(silent, KernelDevice(), UdevDevice(), None, around)
    assert (told.pointer_speed, told.bus) == (2.0, "virtual")


def test_another_port_is_the_same_mouse_and_each_value_has_its_source() -> None:
    moved = KernelDevice("usb", "046d", "c077", "0111", "", "Desk Mouse", "usb-7/input0", 125)
    around = Surroundings("pynput-x11")
    assert describe(MOUSE, moved, UDEV, None, around).key == described().key
    told = {name: source for name, _, source in described().described()}
    assert (told["vendor"], told["pointer_speed"], told["cpi"]) == (Source.SYSTEM, Source.SYSTEM, Source.HWDB)


def test_two_mice_of_one_identity_at_once_are_never_the_same_mouse() -> None:
    one = described()
    told = tell_twins_apart({7: one, 9: one}, {7: "usb-2/input0", 9: "usb-3/input0"})
    assert all(mouse.twin and mouse.key != one.key for mouse in told.values())
    assert "which one moves cannot be told" in told[7].doubts[-1]
    assert tell_twins_apart({7: one}, {7: "usb-2/input0"}) == {7: one}


def test_two_pointers_of_one_device_are_no_twins() -> None:
    one = described()
    assert tell_twins_apart({7: one, 8: one}, {7: "usb-2/input0", 8: "usb-2/input0"}) == {7: one, 8: one}


@pytest.mark.parametrize(
    ("environ", "pointers", "carrier"),
    [
        ({}, ["Virtual core pointer", "Desk Mouse"], ""),
        ({"XRDP_SESSION": "1"}, [], "rdp"),
        ({}, ["xrdpMouse"], "rdp"),
        ({}, ["TigerVNC pointer"], "vnc"),
        ({"X2GO_SESSION": "ada-50"}, [], "x2go"),
        ({"SSH_CONNECTION": "10.0.0.1 2 10.0.0.2 22", "DISPLAY": "localhost:10.0"}, [], "ssh"),
        ({"SSH_CONNECTION": "10.0.0.1 2 10.0.0.2 22", "DISPLAY": ":0"}, [], ""),
    ],
)
def test_remote_desktops_are_recognised(environ: dict[str, str], pointers: list[str], carrier: str) -> None:
    assert remote_session(environ, pointers) == carrier


@pytest.mark.parametrize(("answer", "carrier"), [(True, "remote"), (False, ""), (BusError("slow"), "")])
def test_logind_knows_what_is_remote(bus: Any, answer: Any, carrier: str) -> None:
    bus.answers["org.freedesktop.login1.Manager.GetSession"] = ("/org/freedesktop/login1/session/c1",)
    bus.answers["org.freedesktop.login1.Session.Remote"] = answer
    assert remote_session({}, [], bus) == carrier


GNOME = """\
org.gnome.desktop.peripherals.mouse accel-profile 'flat'
org.gnome.desktop.peripherals.mouse left-handed true
org.gnome.desktop.peripherals.mouse speed -0.25
"""


@pytest.mark.parametrize(
    ("said", "setting"),
    [
        (GNOME, PointerSetting(-0.25, "flat", True)),
        (GNOME.replace("'flat'", "'default'"), PointerSetting(-0.25, "", True)),
        ("", None),
        (GNOME.replace("-0.25", "fast"), None),
    ],
)
def test_gnomes_setting(said: str, setting: PointerSetting | None) -> None:
    assert gnome_setting(lambda schema: said) == setting


KCMINPUTRC = """\
[Libinput][1133][49271][Desk Mouse]
PointerAcceleration=0.400
PointerAccelerationProfile=1

[Libinput][1133][49271][Bad Mouse]
PointerAcceleration=fast
"""


@pytest.mark.parametrize(
    ("name", "setting"),
    [("Desk Mouse", PointerSetting(0.4, "flat", False)), ("Bad Mouse", None), ("Other", None)],
)
def test_kdes_file(tmp_path: Path, name: str, setting: PointerSetting | None) -> None:
    assert kde_setting(tmp_path, "046d", "c077", name) is None
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config" / "kcminputrc").write_text(KCMINPUTRC)
    assert kde_setting(tmp_path, "046d", "c077", name) == setting
    assert kde_setting(tmp_path, "", "", name) is None


def test_kwins_device(bus: Any) -> None:
    assert kwin_setting(bus, "event5") is None
    bus.present.add("org.kde.KWin")
    kwin = "org.kde.KWin.InputDevice"
    bus.answers |= {
        f"{kwin}.pointerAcceleration": -0.2,
        f"{kwin}.pointerAccelerationProfileFlat": True,
        f"{kwin}.leftHanded": False,
    }
    assert kwin_setting(bus, "event5") == PointerSetting(-0.2, "flat", False)
    assert kwin_setting(bus, "../event5") is None
    bus.answers[f"{kwin}.leftHanded"] = BusError("gone")
    assert kwin_setting(bus, "event5") is None
