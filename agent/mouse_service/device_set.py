"""Device set: the mice that are plugged in now, opened, masked and assigned to their seats."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from agent.host.linux.announced_mice import CLASSES, announces_mouse
from agent.mouse_service.masked_device import MaskedDevice, NotMaskable, open_masked
from agent.mouse_service.report_assembler import ReportAssembler
from agent.mouse_service.seats import seat_of

INPUT: Final = Path("/dev/input")
MOST_DEVICES: Final = 64

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class WatchedMouse:
    """One mouse.

    Attributes
    ----------
    device : MaskedDevice
    seat : str
    assembler : ReportAssembler
    """

    device: MaskedDevice
    seat: str
    assembler: ReportAssembler = field(default_factory=ReportAssembler)

    @property
    def number(self) -> int:
        """The kernel's number of it."""
        return self.device.identity.number


class DeviceSet:
    """All mice of the computer. One thread.

    Parameters
    ----------
    folder, classes : Path
        Device nodes, and what the kernel says of them without opening one.
    open_device : callable
        As `open_masked`.
    seat : callable
        As `seat_of`.
    """

    def __init__(
        self,
        folder: Path = INPUT,
        classes: Path = CLASSES,
        open_device: Callable[[str, int], MaskedDevice | None] = open_masked,
        seat: Callable[[Path], str | None] = seat_of,
    ) -> None:
        self._folder = folder
        self._classes = classes
        self._open_device = open_device
        self._seat = seat
        self._mice: dict[int, WatchedMouse] = {}
        self._left_alone: set[int] = set()

    def __iter__(self) -> Iterator[WatchedMouse]:
        return iter(list(self._mice.values()))

    def departed(self) -> list[WatchedMouse]:
        """The mice that have gone, or were given to another seat since; they are still open until they are dropped."""
        nodes = self._nodes()
        self._left_alone &= nodes.keys()
        return [
            mouse
            for number, mouse in self._mice.items()
            if number not in nodes or self._seat(nodes[number]) not in (mouse.seat, None)
        ]

    def appeared(self) -> list[WatchedMouse]:
        """Open the mice that are not open yet, and that belong to a seat; those that were opened."""
        appeared = [
            mouse
            for number, node in sorted(self._nodes().items())
            if number not in self._mice
            and number not in self._left_alone
            and (mouse := self._opened(node, number)) is not None
        ]
        for mouse in appeared:
            self._mice[mouse.number] = mouse
        return appeared

    def drop(self, mouse: WatchedMouse, *, for_good: bool = False) -> None:
        """Close one; with `for_good` it is left alone until it is plugged in anew."""
        if self._mice.pop(mouse.number, None) is not None:
            mouse.device.close()
        if for_good:
            self._left_alone.add(mouse.number)

    def close(self) -> None:
        """Close all."""
        for mouse in self:
            self.drop(mouse)

    def _nodes(self) -> dict[int, Path]:
        return {number: node for node in self._folder.glob("event*") if (number := _number(node)) is not None}

    def _opened(self, node: Path, number: int) -> WatchedMouse | None:
        if not announces_mouse(self._classes / node.name) or len(self._mice) >= MOST_DEVICES:
            return None
        seat = self._seat(node)
        if seat is None:
            return None
        try:
            device = self._open_device(str(node), number)
        except NotMaskable as why:
            _log.error("%s is not watched: %s", node, why)
            self._left_alone.add(number)
            return None
        except OSError as why:
            # udev gives a new device its rights a moment after it appears, which is news again.
            _log.info("%s cannot be opened: %s", node, why)
            return None
        if device is None:
            self._left_alone.add(number)
            return None
        return WatchedMouse(device, seat)


def _number(node: Path) -> int | None:
    digits = node.name.removeprefix("event")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 4 else None
