"""Device facts: what sysfs and udev know of the mice's nodes, with udev asked once for each device."""

from __future__ import annotations

from collections.abc import Callable

from agent.host.linux.sysfs import KernelDevice
from agent.host.linux.udev import UdevDevice, udev_device


class DeviceFacts:
    """Facts of device nodes, read while mice are looked at. One thread.

    udev is asked by a program of its own, which a busy computer does not answer in time. So its answer is kept for as
    long as the kernel describes the same device at the node, and an answer that did not come is asked for again:
    taken for "nothing is known", it would make another mouse of the same one.

    Parameters
    ----------
    kernel, properties : callable
        What sysfs and udev know about a device node; no properties where udev did not answer.
    """

    def __init__(
        self, kernel: Callable[[str], KernelDevice], properties: Callable[[str], dict[str, str]]
    ) -> None:
        self._kernel = kernel
        self._properties = properties
        self._answers: dict[str, tuple[KernelDevice, UdevDevice]] = {}

    def of(self, node: str) -> tuple[KernelDevice, UdevDevice]:
        """What is known about a node; nothing about one without a name. Blocks up to 500 ms, usually 1."""
        if not node:
            return KernelDevice(), UdevDevice()
        kernel = self._kernel(node)
        answer = self._answers.get(node)
        if answer is not None and answer[0] == kernel:
            return answer
        properties = self._properties(node)
        if not properties:
            return kernel, UdevDevice()
        self._answers[node] = (kernel, udev_device(properties))
        return self._answers[node]
