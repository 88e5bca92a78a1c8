"""Mice as the kernel announces them to everybody in /sys: what they are, without a right to read what they do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.host.linux.input_codes import BTN_LEFT, REL_X, REL_Y
from agent.host.linux.sysfs import kernel_device

CLASSES: Final = Path("/sys/class/input")


@dataclass(frozen=True, slots=True)
class AnnouncedMouse:
    """One mouse, not opened.

    Attributes
    ----------
    node, name : str
    vendor, product : int
    """

    node: str
    name: str
    vendor: int
    product: int

    def close(self) -> None:
        """There is nothing to let go of."""


def announced_mice(sys: Path = Path("/sys")) -> list[AnnouncedMouse]:
    """Every mouse, in the order of the kernel's numbers. Reads some dozen small files."""
    folders = [
        folder
        for folder in (sys / "class/input").glob("event*")
        if folder.name.removeprefix("event").isdigit()
    ]
    mice = []
    for folder in sorted(folders, key=lambda folder: int(folder.name.removeprefix("event"))):
        if announces_mouse(folder):
            node = f"/dev/input/{folder.name}"
            known = kernel_device(node, sys)
            numbers = (int(known.vendor or "0", 16), int(known.product or "0", 16))
            mice.append(AnnouncedMouse(node, known.name, *numbers))
    return mice


def announces_mouse(folder: Path) -> bool:
    """True where a device of the class ``input`` moves in two axes and has a left button.

    A touchpad or a tablet tells places instead, which mean little here.
    """
    moves, presses = _bits(folder / "device/capabilities/rel"), _bits(folder / "device/capabilities/key")
    return bool(moves >> REL_X & 1 and moves >> REL_Y & 1 and presses >> BTN_LEFT & 1)


def _bits(file: Path) -> int:
    """A bitmap as the kernel prints it: words of 64 bits in hexadecimal, the highest first."""
    try:
        words = file.read_text(encoding="ascii").split()
        return sum(int(word, 16) << 64 * place for place, word in enumerate(reversed(words)))
    except (OSError, ValueError):
        return 0
