"""Inside the machine, as a person: listens to the mouse service in the agent's place and counts what comes.

`python3 -m tests.vm.guest.listener` says "ready", counts until its input ends, and prints one JSON line. With
`forge` it says that it judged a million reports, and ends; with `drain SECONDS` it takes everything and says nothing.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from agent.engine.events import Boundary, EventKind
from agent.host.api import CannotSee
from agent.host.linux.listener_protocol import ListenerReport, Wish, encode_report, encode_wish
from agent.host.linux.locked_screen import LockedScreen
from agent.host.linux.mouse_protocol import MOST_PACKET, SessionShown, decode_packet
from agent.host.linux.mouse_service_pointer import MouseServicePointer
from agent.host.ring import Ring

SOCKET = Path("/run/steadyhand-mouse/socket")


def count() -> dict[str, Any]:
    """What came until the input ended."""
    ring, pointer = Ring(), MouseServicePointer(LockedScreen(lambda: None))
    try:
        pointer.start(ring)
    except CannotSee as why:
        return {"refused": str(why)}
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    kinds: Counter[str] = Counter()
    lost = steps_back = 0
    sums = [0.0, 0.0]
    ended = False
    while not ended:
        ended = bool(select.select([sys.stdin], [], [], 0.05)[0])
        for item in ring.drain():
            if isinstance(item, Boundary):
                lost += item.cause.name == "OVERFLOW"
                steps_back += item.cause.name == "CLOCK_STEP"
                continue
            kinds.update(EventKind(kind).name for kind in item.kind.tolist())
            sums = [float(item.x[-1]), float(item.y[-1])]
    pointer.stop()
    return {"kinds": dict(kinds), "lost": lost, "steps_back": steps_back, "place": sums}


def connected() -> socket.socket:
    """A connection that was taken."""
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    channel.settimeout(60)
    channel.connect(str(SOCKET))
    channel.send(encode_wish(Wish.MOVEMENT))
    while not isinstance(decode_packet(channel.recv(MOST_PACKET)), SessionShown):
        continue
    return channel


def forge() -> dict[str, Any]:
    """Say that more was judged than there was."""
    with connected() as channel:
        channel.send(encode_report(ListenerReport(1_000_000, locked=False)))
        time.sleep(1)
    return {"said": 1_000_000}


def drain(seconds: float) -> dict[str, Any]:
    """Take everything and say nothing."""
    packets, deadline_s = 0, time.monotonic() + seconds
    with connected() as channel:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while time.monotonic() < deadline_s:
            if select.select([channel], [], [], 1.0)[0]:
                packets += bool(channel.recv(MOST_PACKET))
    return {"packets": packets}


if __name__ == "__main__":
    what = sys.argv[1:2]
    answer = forge() if what == ["forge"] else drain(float(sys.argv[2])) if what == ["drain"] else count()
    sys.stdout.write(json.dumps(answer) + "\n")
