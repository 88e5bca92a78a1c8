"""What sysfs and udev say about a mouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.host.linux.desktop_pointer import _gsettings
from agent.host.linux.sysfs import KernelDevice, kernel_device
from agent.host.linux.udev import UdevDevice, parse_mouse_dpi, udev_device, udev_properties

NODE = "/dev/input/event5"
USB = "devices/pci0000:00/usb1/1-2/1-2:1.0/0003:046D:C077.0001/input/input7"


def tree(root: Path, place: str = USB, **files: str) -> Path:
    """A sysfs with one input device."""
    device = root / place
    for name, text in files.items():
        file = device / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n")
    device.mkdir(parents=True, exist_ok=True)
    link = root / "class/input/event5"
    link.mkdir(parents=True)
    (link / "device").symlink_to(device)
    return root


@pytest.mark.parametrize(
    ("bustype", "bus"), [("0003", "usb"), ("0005", "bluetooth"), ("0011", "ps2"), ("0019", "")]
)
def test_the_bus_comes_from_the_kernel(tmp_path: Path, bustype: str, bus: str) -> None:
    assert kernel_device(NODE, tree(tmp_path, id__bustype=bustype)).bus == bus


def test_a_device_made_by_a_program_is_virtual_whatever_it_claims(tmp_path: Path) -> None:
    sys = tree(tmp_path, "devices/virtual/input/input9", id__bustype="0003")
    assert kernel_device(NODE, sys).bus == "virtual"


def test_everything_that_the_kernel_knows(tmp_path: Path) -> None:
    sys = tree(
        tmp_path,
        id__bustype="0003",
        id__vendor="046d",
        id__product="c077",
        id__version="0111",
        uniq="4071-29",
        name="Logitech USB Optical Mouse",
        phys="usb-0000:00:14.0-2/input0",
    )
    endpoint = tmp_path / "devices/pci0000:00/usb1/1-2/1-2:1.0/ep_81"
    endpoint.mkdir()
    (endpoint / "interval").write_text("8ms\n")
    assert kernel_device(NODE, sys) == KernelDevice(
        *("usb", "046d", "c077", "0111", "4071-29", "Logitech USB Optical Mouse"),
        *("usb-0000:00:14.0-2/input0", 125),
    )


@pytest.mark.parametrize(("text", "hz"), [("125us", 8000), ("1ms", 1000), ("0ms", 0), ("soon", 0)])
def test_the_rate_at_which_the_host_asks(tmp_path: Path, text: str, hz: int) -> None:
    sys = tree(tmp_path)
    endpoint = tmp_path / "devices/pci0000:00/usb1/1-2/1-2:1.0/ep_82"
    endpoint.mkdir()
    (endpoint / "interval").write_text(text)
    assert kernel_device(NODE, sys).interval_hz == hz


def test_numbers_that_are_none_are_unknown(tmp_path: Path) -> None:
    sys = tree(tmp_path, id__vendor="0000", id__product="nonsense")
    told = kernel_device(NODE, sys)
    assert (told.vendor, told.product, told.version) == ("", "", "")


def test_an_unknown_node_is_nothing_known(tmp_path: Path) -> None:
    assert kernel_device(NODE, tmp_path) == KernelDevice()
    assert udev_device({}) == UdevDevice()


def test_udev_tells_kind_serial_and_the_tables_default() -> None:
    told = {
        "ID_INPUT_MOUSE": "1",
        "ID_BUS": "usb",
        "ID_SERIAL": "Maker_Mouse",
        "ID_SERIAL_SHORT": "S1",
        "MOUSE_DPI": "800@125 *1600@500",
    }
    assert udev_device(told) == UdevDevice("mouse", "usb", "S1", 1600, 500)
    assert udev_device({"ID_SERIAL": "Maker_Mouse"}).serial == "", "udev made that one up"


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("MOUSE",), "mouse"),
        (("MOUSE", "TABLET"), "pen"),
        (("MOUSE", "TOUCHPAD"), "touchpad"),
        (("POINTINGSTICK", "MOUSE"), "pointing stick"),
        (("TOUCHSCREEN",), "touch screen"),
        (("KEY",), ""),
    ],
)
def test_touchpads_and_pens_are_told_from_mice(names: tuple[str, ...], kind: str) -> None:
    assert udev_device({f"ID_INPUT_{name}": "1" for name in names}).kind == kind


@pytest.mark.parametrize(
    ("text", "cpi_and_rate"),
    [
        ("1000@125", (1000, 125)),
        ("1000", (1000, 0)),
        ("400@125 *800@125 1600@125", (800, 125)),
        ("800@1000 *1600@1000 3200@1000", (1600, 1000)),
        ("400@125 800@125", (0, 0)),
        ("*400@125 *800@125", (0, 0)),
        ("", (0, 0)),
        ("nonsense", (0, 0)),
        ("800@125 nonsense", (0, 0)),
        ("999999@99999", (0, 0)),
        ("-800@125", (0, 0)),
    ],
)
def test_mouse_dpi(text: str, cpi_and_rate: tuple[int, int]) -> None:
    assert parse_mouse_dpi(text) == cpi_and_rate


def test_programs_of_somebody_elses_are_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = tmp_path / "asked"
    for name in ("udevadm", "gsettings"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\ntouch {asked}\necho MOUSE_DPI=*16000@125\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert udev_properties("event0").get("MOUSE_DPI") != "*16000@125"
    _gsettings("org.gnome.desktop.peripherals.mouse")
    assert not asked.exists()
