"""What sysfs and udev say about a mouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.engine.mouse import CpiSource
from agent.host.linux.udev import Hardware, hardware, parse_mouse_dpi

NODE = "/dev/input/event5"


def tree(root: Path, place: str, bustype: str, uniq: str = "") -> Path:
    """A sysfs with one input device."""
    device = root / place
    (device / "id").mkdir(parents=True)
    (device / "id" / "bustype").write_text(f"{bustype}\n")
    (device / "uniq").write_text(f"{uniq}\n")
    link = root / "class/input/event5"
    link.mkdir(parents=True)
    (link / "device").symlink_to(device)
    return root


@pytest.mark.parametrize(
    ("bustype", "bus"), [("0003", "usb"), ("0005", "bluetooth"), ("0011", "ps2"), ("0019", "")]
)
def test_the_bus_comes_from_the_kernel(tmp_path: Path, bustype: str, bus: str) -> None:
    sys = tree(tmp_path, "devices/pci0000:00/usb1/input/input7", bustype)
    assert hardware(NODE, sys, lambda node: {}).bus == bus


def test_a_device_made_by_a_program_is_virtual_whatever_it_claims(tmp_path: Path) -> None:
    sys = tree(tmp_path, "devices/virtual/input/input9", "0003")
    assert hardware(NODE, sys, lambda node: {"ID_BUS": "usb"}).bus == "virtual"


def test_cpi_and_serial_come_from_udev(tmp_path: Path) -> None:
    sys = tree(tmp_path, "devices/pci0000:00/usb1/input/input7", "0003", uniq="from-kernel")
    told = {"MOUSE_DPI": "800@125 *1600@500", "ID_SERIAL_SHORT": "S1"}
    assert hardware(NODE, sys, lambda node: told) == Hardware("usb", "S1", 1600, CpiSource.HWDB, 500)
    assert hardware(NODE, sys, lambda node: {}) == Hardware("usb", "from-kernel")


def test_an_unknown_node_is_nothing_known(tmp_path: Path) -> None:
    assert hardware(NODE, tmp_path, lambda node: {}) == Hardware()


@pytest.mark.parametrize(
    ("text", "cpi_and_rate"),
    [
        ("1000@125", (1000, 125)),
        ("1000", (1000, 0)),
        ("400@125 *800@125 1600@125", (800, 125)),
        ("400@125 800@125", (0, 0)),
        ("", (0, 0)),
        ("nonsense", (0, 0)),
    ],
)
def test_mouse_dpi(text: str, cpi_and_rate: tuple[int, int]) -> None:
    assert parse_mouse_dpi(text) == cpi_and_rate
