"""Checks of the mouse service and the agent with a USB mouse: rights, devices that come and go, peers, ends."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

from tests.vm.image import SITE, SOURCE
from tests.vm.machine import Machine
from tests.vm.sight import (
    CANNOT_SEE,
    agent,
    alerts,
    circle,
    kinds_of,
    probe,
    sees,
    status,
    tampering,
    until,
)

# Any program that is no Python: what the agent's executable is here.
_IMPOSTOR = """\
use Socket;
socket(my $s, AF_UNIX, SOCK_SEQPACKET, 0) or die $!;
connect($s, pack_sockaddr_un("/run/steadyhand-mouse/socket")) or die $!;
send($s, '{"form": 1, "wish": "movement"}', 0) or die $!;
recv($s, my $answer, 16384, 0);
recv($s, $answer, 16384, 0) unless length $answer;
print $answer;
"""


def sandboxed(machine: Machine) -> dict[str, str]:
    """The service runs without rights, under its profile, and has opened mice alone."""
    pid = machine.run("systemctl show -P MainPID steadyhand-mouse").strip()
    facts = dict(
        line.split(":\t", 1)
        for line in machine.run(f"cat /proc/{pid}/status").splitlines()
        if line.startswith(("CapEff", "CapBnd", "NoNewPrivs", "Seccomp:", "VmRSS"))
    )
    facts["profile"] = machine.run(f"cat /proc/{pid}/attr/current").strip("\0\n ")
    listed = machine.run(f"readlink /proc/{pid}/fd/* | sort -u").split()
    opened = [node for node in listed if node.startswith("/dev/") and node != "/dev/null"]
    names = [machine.run(f"cat /sys/class/input/{Path(node).name}/device/name").strip() for node in opened]
    assert facts["CapEff"] == facts["CapBnd"] == "0000000000000000", facts
    assert (facts["NoNewPrivs"], facts["Seccomp"]) == ("1", "2"), facts
    assert facts["profile"] == "steadyhand-mouse (enforce)", facts
    assert names, opened
    assert all("Mouse" in name for name in names), (opened, names)
    return facts | {"opened": ", ".join(names)}


def masked(machine: Machine) -> dict[str, Any]:
    """A mouse with letter keys tells no letter: types 1 and 4, codes 30 and 4."""
    answer = probe(machine, "masked")
    letters = [[1, 30], [4, 4]]
    assert all(letter in answer["plain"] for letter in letters), answer
    assert answer["masked"] == [[2, 0], [1, 272], [0, 0], [1, 272], [0, 0]], answer
    return answer


def captured(machine: Machine) -> dict[str, Any]:
    """What the USB mouse does reaches the agent in a Wayland session."""
    before = sees(machine)
    circle(machine)
    after = until(lambda: status(machine), lambda now: now["events"] >= before["events"] + 50, 120)
    assert after["configuration"]["capture"] == "evdev", after
    return {"mouse": after["mouse"], "events": after["events"] - before["events"], "state": after["state"]}


def stamped(machine: Machine) -> str:
    """When the mouse moved is written for the relay, and for nobody else."""
    circle(machine, 10)
    shown = machine.run("stat -c '%a %U %G' /run/steadyhand-mouse/motion-seat0.json").strip()
    assert shown == "640 steadyhand-mouse steadyhand-relay", shown
    refused = machine.run("cat /run/steadyhand-mouse/motion-seat0.json", user="anna")
    assert "Permission denied" in refused, refused
    return shown


def refused(machine: Machine) -> dict[str, Any]:
    """Another program of the account gets nothing, and the relay has an alert of it."""
    machine.put(_IMPOSTOR, "/tmp/impostor.pl")
    answer = machine.run("perl /tmp/impostor.pl", user="anna", timeout_s=240)
    assert "only the agent may listen" in answer, answer
    own = tampering(machine, "foreign_program")
    assert own["by"] == "mouse service", own
    return {"answer": answer, "program": own["program"], "account_uid": own["account_uid"]}


def stranger(machine: Machine) -> dict[str, Any]:
    """An account without a session at the screen gets nothing, whatever program it runs."""
    # The program check, which starts when it is asked, takes longer here than a listener waits.
    answer: dict[str, Any] = until(
        lambda: listen(machine, user="bert"), lambda now: "did not begin" not in now.get("refused", ""), 120
    )
    assert "no session at a screen" in answer.get("refused", ""), answer
    return answer


def second(machine: Machine) -> dict[str, Any]:
    """A second listener of the account gets nothing while the agent listens, and the relay has an alert of it."""
    answer: dict[str, Any] = until(
        lambda: listen(machine), lambda now: "did not begin" not in now.get("refused", ""), 120
    )
    assert "listens already" in answer.get("refused", ""), answer
    return answer | {"account_uid": tampering(machine, "second_listener")["account_uid"]}


def unplugged(machine: Machine) -> dict[str, Any]:
    """Pulled out in the middle of a drag: the agent says that it sees no mouse, and takes the next one up."""
    began = time.monotonic()
    machine.button("left", down=True)
    circle(machine, 5)
    machine.unplug("mouse0")
    blind = until(lambda: status(machine), lambda now: now["state"] == CANNOT_SEE, 180)
    without_s = time.monotonic() - began
    began = time.monotonic()
    machine.plug("mouse1")
    before = sees(machine, 240)
    back_s = time.monotonic() - began
    circle(machine, 20)
    until(lambda: status(machine), lambda now: now["events"] > before["events"] + 10, 120)
    return {"said": blind["detail"], "after_s": round(without_s), "back_s": round(back_s)}


def stopped(machine: Machine) -> dict[str, Any]:
    """A service that is stopped while the mouse moves is said and alerted, and one that comes back is taken up."""
    # An agent of its own: the same alert comes once in ten minutes, and came where the service was not there yet.
    agent(machine, "restart")
    sees(machine)
    before = kinds_of(alerts(machine)).count("capture dead")
    moving = threading.Thread(target=circle, args=(machine, 200))
    moving.start()
    machine.run("systemctl stop steadyhand-mouse")
    blind = until(lambda: status(machine), lambda now: now["state"] == CANNOT_SEE, 180)
    moving.join()
    machine.run("systemctl start steadyhand-mouse", timeout_s=300)
    seen = sees(machine, 240)
    circle(machine, 20)
    until(lambda: status(machine), lambda now: now["events"] > seen["events"] + 10, 120)
    after = kinds_of(alerts(machine)).count("capture dead")
    assert after > before, f"{before} alerts before, {after} after"
    return {"said": blind["detail"], "alerts": after - before}


def doctor_locks(machine: Machine) -> str:
    """A lock on the real screen is seen."""
    desktop = "XDG_SESSION_TYPE=wayland XDG_CURRENT_DESKTOP=sway WAYLAND_DISPLAY=wayland-1"
    shown = machine.run(
        f"XDG_RUNTIME_DIR=/run/user/1000 {desktop} steadyhand doctor --test-lock", user="anna", timeout_s=400
    )
    machine.run("pkill -x swaylock")
    assert "seen locked by swaylock" in shown, shown
    return next(line.strip() for line in shown.splitlines() if "seen locked" in line)


def switched(machine: Machine) -> dict[str, Any]:
    """Another person logs in at the same screen: nothing of theirs is handed on, nothing is raised; then back."""
    before, known = sees(machine)["events"], len(alerts(machine))
    show_console(machine, 2)
    until(lambda: machine.run("pgrep -t tty2 getty"), str.strip, 60)
    machine.type("bert")
    time.sleep(5)
    machine.type("hound")
    until(lambda: machine.run("cat /run/systemd/seats/seat0"), lambda seat: "ACTIVE_UID=1001" in seat, 90)
    circle(machine, 60)
    time.sleep(2)
    other = status(machine)
    show_console(machine, 1)
    until(lambda: machine.run("cat /run/systemd/seats/seat0"), lambda seat: "ACTIVE_UID=1000" in seat, 60)
    circle(machine, 40)
    after = until(lambda: status(machine), lambda now: now["events"] >= before + 20, 120)
    machine.run("loginctl terminate-user bert")
    assert other["events"] == before, f"{other['events'] - before} events of another person's"
    raised = [kind for kind in kinds_of(alerts(machine)[known:]) if kind != "heartbeat"]
    assert not raised, raised
    return {"events while bert was there": other["events"] - before, "back": after["events"] - before}


def show_console(machine: Machine, number: int) -> None:
    """Switch to another of the kernel's consoles, as Ctrl+Alt+F2 does."""
    activate = f"import fcntl; fcntl.ioctl(open('/dev/tty0', 'rb+', 0), 0x5606, {number})"
    machine.run(f'python3 -c "{activate}"')


def listen(machine: Machine, *words: str, user: str = "anna") -> dict[str, Any]:
    """What `tests/vm/guest/listener.py` prints last."""
    command = f"cd /{SOURCE} && PYTHONPATH=.:/{SITE} timeout 250 python3 -m tests.vm.guest.listener"
    printed = machine.run(" ".join([command, *words, "</dev/null"]), user=user, timeout_s=300)
    answer: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return answer
