"""Inside the machine, as root: devices that are made, and what the mouse service does with them. One JSON line.

`python3 -m tests.vm.guest.probe WHAT [NUMBER …]`, from the checkout's folder.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

from agent.mouse_service.masked_device import open_masked
from agent.mouse_service.report_assembler import EVENT
from tests.vm.guest.made_device import (
    ABS_X,
    ABS_Y,
    BTN_LEFT,
    BTN_TOOL_FINGER,
    BTN_TOOL_PEN,
    BTN_TOUCH,
    EV_KEY,
    EV_MSC,
    EV_REL,
    KEY_A,
    MSC_SCAN,
    PROP_POINTER,
    PROP_POINTING_STICK,
    REL_WHEEL,
    REL_WHEEL_HI_RES,
    REL_X,
    REL_Y,
    MadeDevice,
)
from tests.vm.guest.second_seat import BERT, SecondSeat

_SETTLE_S = 2.0
ANNA = 1000
Answer = TypeVar("Answer")


def masked() -> dict[str, Any]:
    """What an unmasked and a masked reader see of the same reports, as type and code."""
    made = MadeDevice("Office mouse with keys", (KEY_A, BTN_LEFT), scans=True)
    time.sleep(1)
    plain = os.open(made.node, os.O_RDONLY | os.O_NONBLOCK)
    device = open_masked(str(made.node), int(made.node.name.removeprefix("event")))
    if device is None:
        sys.exit("it is not taken for a mouse")
    made.send((EV_MSC, MSC_SCAN, 0x70004), (EV_KEY, KEY_A, 1))
    made.send((EV_REL, REL_X, 5), (EV_KEY, BTN_LEFT, 1))
    made.send((EV_KEY, KEY_A, 0), (EV_KEY, BTN_LEFT, 0))
    time.sleep(0.5)
    seen = {"plain": os.read(plain, 8192), "masked": device.read()}
    return {
        name: [[kind, code] for _, _, kind, code, _ in EVENT.iter_unpack(raw)] for name, raw in seen.items()
    }


def kinds() -> dict[str, Any]:
    """Which devices the service opens, by what they are; and what udev calls them."""
    places = (ABS_X, ABS_Y)
    made = {
        "touchpad": MadeDevice(
            "Made touchpad", (BTN_LEFT, BTN_TOOL_FINGER, BTN_TOUCH), (), places, (PROP_POINTER,)
        ),
        "pen tablet": MadeDevice("Made tablet", (BTN_LEFT, BTN_TOOL_PEN, BTN_TOUCH), (), places),
        "tablet with a wheel": MadeDevice("Made desk tablet", (BTN_LEFT,), (REL_WHEEL,), places),
        "keyboard": MadeDevice("Made keyboard", (KEY_A,), ()),
        "pointing stick": MadeDevice("Made stick", properties=(PROP_POINTER, PROP_POINTING_STICK)),
        "mouse": MadeDevice("Made mouse"),
    }
    # The last one was made last: once it is open, the service has looked at all.
    opened = {"mouse": made["mouse"].is_opened()}
    opened |= {name: device.is_opened(1.0) for name, device in made.items() if name != "mouse"}
    return {name: {"opened": opened[name], "udev": device.kind()} for name, device in made.items()}


def flood(reports: float) -> dict[str, Any]:
    """A mouse that tells so many reports as fast as the kernel takes them."""
    made = MadeDevice("Flooding mouse")
    if not made.is_opened():
        sys.exit("it was not opened")
    began = time.monotonic()
    made.send_reports([((EV_REL, REL_X, 1), (EV_REL, REL_Y, number % 3)) for number in range(int(reports))])
    seconds = time.monotonic() - began
    time.sleep(_SETTLE_S)
    made.destroy()
    return {"reports": int(reports), "seconds": round(seconds, 2)}


def wild() -> dict[str, Any]:
    """A mouse that tells what no hand does: the largest numbers, wheels of a million steps, reports of one thing."""
    made = MadeDevice("Wild mouse", moves=(REL_X, REL_Y, REL_WHEEL))
    if not made.is_opened():
        sys.exit("it was not opened")
    most = (1 << 31) - 1
    for amount in (most, -most - 1) * 20:
        made.send((EV_REL, REL_X, amount), (EV_REL, REL_Y, amount))
        made.send((EV_REL, REL_WHEEL, 1_000_000 if amount > 0 else -1_000_000))
    # A report that goes on and on.
    made.send(*[(EV_REL, REL_X, 1 + number % 2) for number in range(500)])
    made.send(*[(EV_KEY, BTN_LEFT, number % 2) for number in range(101)])
    time.sleep(_SETTLE_S)
    made.destroy()
    return {"sent": "wild"}


def vanish() -> dict[str, Any]:
    """A mouse that goes in the middle of a report, with its button held."""
    made = MadeDevice("Vanishing mouse")
    if not made.is_opened():
        sys.exit("it was not opened")
    made.send((EV_KEY, BTN_LEFT, 1))
    made.send((EV_REL, REL_X, 7))
    made.send((EV_REL, REL_X, 100), ends=False)
    made.destroy()
    return {"sent": "half a report"}


def rate(hz: float, seconds: float) -> dict[str, Any]:
    """So many reports a second, a millisecond's worth at a time, to a listener of anna's."""
    made = MadeDevice("Gaming mouse")
    each = max(1, round(hz / 1000))
    bunches, pause_s = int(hz * seconds / each), each / hz
    bunch = [((EV_REL, REL_X, 1), (EV_REL, REL_Y, 1))] * each

    def play() -> float:
        began = time.monotonic()
        for number in range(bunches):
            made.send_reports(bunch)
            time.sleep(max(0.0, began + (number + 1) * pause_s - time.monotonic()))
        return time.monotonic() - began

    took_s, heard = heard_by_listener(made, play)
    return {"hz": round(bunches * each / took_s), "reports": bunches * each, **heard}


def wheel(detents: float) -> dict[str, Any]:
    """A wheel of 15 fine steps a detent, which tells the whole step beside the last of them."""
    made = MadeDevice("Fine wheel", moves=(REL_X, REL_Y, REL_WHEEL, REL_WHEEL_HI_RES))

    def play() -> float:
        for _ in range(int(detents)):
            for step in range(15):
                whole = ((EV_REL, REL_WHEEL, 1),) if step == 14 else ()
                made.send((EV_REL, REL_WHEEL_HI_RES, 8), *whole)
                time.sleep(0.004)
        return 0.0

    _, heard = heard_by_listener(made, play)
    return {"detents": int(detents), **heard}


def held() -> dict[str, Any]:
    """One mouse goes with its button held, one in mid-report; the movement of a third after them is no drag."""
    gone, half, stays = (MadeDevice(f"{word} mouse") for word in ("Vanishing", "Interrupted", "Remaining"))

    def play() -> float:
        gone.send((EV_KEY, BTN_LEFT, 1))
        gone.send((EV_REL, REL_X, 7))
        time.sleep(0.5)
        # The kernel ends the report of a mouse that goes with a button held, by letting go of it; not of any other.
        gone.destroy()
        half.send((EV_REL, REL_X, 100), ends=False)
        half.destroy()
        time.sleep(_SETTLE_S)
        stays.send((EV_REL, REL_X, 3))
        return 0.0

    return heard_by_listener(stays, play)[1]


def heard_by_listener(
    made: MadeDevice, play: Callable[[], Answer], uid: int = ANNA
) -> tuple[Answer, dict[str, Any]]:
    """What `play` answers, and what a listener of an account's counted meanwhile."""
    with _listening(uid) as listener:
        assert listener.stdin
        assert listener.stdout
        if not made.is_opened():
            sys.exit(f"the service did not open {made.node}")
        answer = play()
        time.sleep(_SETTLE_S)
        listener.stdin.close()
        heard: dict[str, Any] = json.loads(listener.stdout.read())
    return answer, heard


def _listening(uid: int) -> subprocess.Popen[str]:
    """A listener that was taken; the program check, which starts when asked, takes longer here than one waits."""
    command = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    command += [sys.executable, "-m", "tests.vm.guest.listener"]
    deadline_s = time.monotonic() + 120
    while True:
        listener = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert listener.stdout
        line = listener.stdout.readline()
        if line == "ready\n":
            return listener
        listener.wait()
        if "did not begin" not in line or time.monotonic() > deadline_s:
            sys.exit(f"nobody listens: {line}")


def seats() -> dict[str, Any]:
    """Which of two people at two seats hears which mouse, also once a mouse is given to the other seat."""
    with SecondSeat() as second:
        own, other = MadeDevice(second.mouse), MadeDevice("Mouse that changes seats")
        second.begin_session()

        def play() -> float:
            _move(own, 5)
            _move(other, 7)
            return 0.0

        before = _heard_at_seats(own, other, play)
        second.take(other.node)
        return {"one mouse each": before, "both at seat1": _heard_at_seats(own, other, play)}


def _heard_at_seats(own: MadeDevice, other: MadeDevice, play: Callable[[], float]) -> dict[str, Any]:
    (_, at_second), at_first = heard_by_listener(other, lambda: heard_by_listener(own, play, BERT))
    return {"seat0": at_first["kinds"], "seat1": at_second["kinds"]}


def _move(made: MadeDevice, times: int) -> None:
    for _ in range(times):
        made.send((EV_REL, REL_X, 3))
        time.sleep(0.1)


if __name__ == "__main__":
    probes: dict[str, Callable[..., dict[str, Any]]] = {
        probe.__name__: probe for probe in (masked, kinds, flood, wild, vanish, rate, wheel, held, seats)
    }
    sys.stdout.write(json.dumps(probes[sys.argv[1]](*map(float, sys.argv[2:]))) + "\n")
