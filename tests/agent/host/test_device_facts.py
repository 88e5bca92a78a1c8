"""What sysfs and udev know of a node, where udev does not always answer."""

from __future__ import annotations

from agent.host.linux.device_facts import DeviceFacts
from agent.host.linux.sysfs import KernelDevice
from agent.host.linux.udev import UdevDevice

MOUSE, STICK = {"ID_INPUT_MOUSE": "1"}, {"ID_INPUT_POINTINGSTICK": "1"}


class Udev:
    """Answers what is next, and refuses to be asked more often."""

    def __init__(self, *answers: dict[str, str]) -> None:
        self.answers = list(answers)

    def __call__(self, _node: str) -> dict[str, str]:
        return self.answers.pop(0)


def test_udev_is_asked_once_for_a_device() -> None:
    facts = DeviceFacts(lambda _: KernelDevice(bus="usb", name="Desk Mouse"), Udev(MOUSE))
    for _ in range(3):
        kernel, udev = facts.of("/dev/input/event3")
        assert (kernel.name, udev.kind) == ("Desk Mouse", "mouse")


def test_an_answer_that_did_not_come_is_asked_for_again_and_not_kept() -> None:
    facts = DeviceFacts(lambda _: KernelDevice(bus="usb"), Udev({}, {}, MOUSE))
    kinds = [facts.of("/dev/input/event3")[1].kind for _ in range(4)]
    assert kinds == ["", "", "mouse", "mouse"]


def test_another_device_at_the_node_is_asked_for_anew() -> None:
    plugged = [KernelDevice(name="Desk Mouse"), KernelDevice(name="Stick")]
    facts = DeviceFacts(lambda _: plugged[0], Udev(MOUSE, {}, STICK))
    assert facts.of("/dev/input/event3")[1].kind == "mouse"
    del plugged[0]
    assert facts.of("/dev/input/event3") == (KernelDevice(name="Stick"), UdevDevice())
    assert facts.of("/dev/input/event3")[1].kind == "pointing stick"


def test_a_mouse_without_a_node_is_not_asked_for() -> None:
    def refuse(_node: str) -> KernelDevice:
        raise AssertionError("asked")

    assert DeviceFacts(refuse, Udev()).of("") == (KernelDevice(), UdevDevice())
