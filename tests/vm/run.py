"""`make vm-test`: the mouse service and the agent on a real kernel with a USB mouse, in a virtual machine. As root."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.vm.image import ROOT, SITE, SOURCE, build
from tests.vm.machine import Machine, lacking

FOLDER = Path(os.environ.get("STEADYHAND_VM", ROOT / "build" / "vm"))
_INSTALL = f"""
set -e
src=/{SOURCE}/packaging
cp $src/systemd/system/steadyhand-* /etc/systemd/system/
cp $src/systemd/sysusers.d/* /usr/lib/sysusers.d/
systemd-sysusers
mkdir -p /etc/apparmor.d/local
cp $src/apparmor/* /etc/apparmor.d/
for name in mouse program-check relay; do
    printf '%s,\\n' '/usr/bin/{{dash,sh,python3*}} mrix' '/usr/lib/python3*/** mr' '/opt/** mr' \
        > /etc/apparmor.d/local/steadyhand-$name
    apparmor_parser -r -W /etc/apparmor.d/steadyhand-$name
done
systemctl daemon-reload
systemctl start steadyhand-program-check.socket steadyhand-mouse steadyhand-relay
"""
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
# What `steadyhand status` says.
CANNOT_SEE = "cannot see the mouse"
STARTING = "starting"
Check = tuple[str, Callable[[], object]]


def status(machine: Machine) -> dict[str, Any]:
    """What the agent says of itself."""
    printed = machine.run(
        "XDG_RUNTIME_DIR=/run/user/1000 steadyhand status --json", user="anna", timeout_s=180
    )
    assert "{" in printed, printed
    answer: dict[str, Any] = json.loads(printed[printed.index("{") :])
    return answer


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
    command = f"modprobe uinput; PYTHONPATH=/{SOURCE}:/{SITE} python3 /{SOURCE}/tests/vm/probe.py"
    answer: dict[str, Any] = json.loads(machine.run(command, timeout_s=240).splitlines()[-1])
    letters = [[1, 30], [4, 4]]
    assert all(letter in answer["plain"] for letter in letters), answer
    assert answer["masked"] == [[2, 0], [1, 272], [0, 0], [1, 272], [0, 0]], answer
    return answer


def circle(machine: Machine, steps: int = 60) -> None:
    """Move the mouse at about 15 reports a second, which arrive whole here."""
    for step in range(steps):
        machine.move(round(20 * math.cos(step / 5)) or 1, round(20 * math.sin(step / 5)))
        time.sleep(0.06)


def captured(machine: Machine) -> dict[str, Any]:
    """What the USB mouse does reaches the agent in a Wayland session."""
    # The mouse is described before it is seen: a service that came after the agent is taken up within half a minute.
    before = until(lambda: status(machine), lambda now: now["state"] not in (CANNOT_SEE, STARTING), 600)
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
    find = "grep -h 'mouse tampering' /var/lib/private/steadyhand-relay/alerts.jsonl | tail -1"
    line = until(lambda: machine.run(find), lambda text: text.startswith("{"), 120)
    alert: dict[str, Any] = json.loads(line)["unmapped"]
    assert (alert["how"], alert["by"]) == ("foreign_program", "mouse service"), alert
    return {"answer": answer, "program": alert["program"], "account_uid": alert["account_uid"]}


def unplugged(machine: Machine) -> dict[str, Any]:
    """Without a mouse the agent says so, and takes up the next one as another mouse."""
    machine.run("echo -n serio1 > /sys/bus/serio/drivers/psmouse/unbind")
    began = time.monotonic()
    machine.unplug("mouse0")
    blind = until(lambda: status(machine), lambda now: now["state"] == CANNOT_SEE, 180)
    without_s = time.monotonic() - began
    began = time.monotonic()
    machine.plug("mouse1")
    until(lambda: status(machine), lambda now: now["state"] != CANNOT_SEE, 240)
    back_s = time.monotonic() - began
    circle(machine, 20)
    return {"said": blind["detail"], "after_s": round(without_s), "back_s": round(back_s)}


def stopped(machine: Machine) -> dict[str, Any]:
    """A service that is stopped is said, and one that comes back is taken up."""
    machine.run("systemctl stop steadyhand-mouse")
    blind = until(lambda: status(machine), lambda now: now["state"] == CANNOT_SEE, 180)
    machine.run("systemctl start steadyhand-mouse", timeout_s=300)
    until(lambda: status(machine), lambda now: now["state"] != CANNOT_SEE, 240)
    return {"said": blind["detail"]}


def locked(machine: Machine) -> str:
    """A lock on the real screen is seen. That nothing is handed on meanwhile is for the agent's own locks alone, which
    a verdict brings about; it was not run here (`tests/agent/host/test_mouse_service_pointer.py`).
    """
    desktop = "XDG_SESSION_TYPE=wayland XDG_CURRENT_DESKTOP=sway WAYLAND_DISPLAY=wayland-1"
    shown = machine.run(
        f"XDG_RUNTIME_DIR=/run/user/1000 {desktop} steadyhand doctor --test-lock", user="anna", timeout_s=400
    )
    assert "seen locked by swaylock" in shown, shown
    machine.shot(FOLDER / "locked.png")
    machine.run("pkill -x swaylock")
    return next(line.strip() for line in shown.splitlines() if "seen locked" in line)


def checks(machine: Machine) -> Iterator[Check]:
    """What is checked, in this order."""
    yield "the service is sandboxed and has opened mice alone", lambda: sandboxed(machine)
    yield "a mouse with letter keys tells no letter", lambda: masked(machine)
    yield "the USB mouse's movement reaches the agent under sway", lambda: captured(machine)
    yield "when it moved is told to the relay alone", lambda: stamped(machine)
    yield "another program of the account is refused and reported", lambda: refused(machine)
    yield "unplugged, and another one plugged in", lambda: unplugged(machine)
    yield "the service stopped and started", lambda: stopped(machine)
    yield "a lock by swaylock is seen", lambda: locked(machine)


def until(look: Callable[[], Any], happened: Callable[[Any], bool], seconds: float) -> Any:
    """What is seen once it has happened."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if happened(seen):
            return seen
        assert time.monotonic() < deadline, f"after {seconds:.0f} s: {str(seen)[:600]}"
        time.sleep(1)


def passes(check: Check, log: Any) -> bool:
    """Run one check and say how it went."""
    what, do = check
    began = time.monotonic()
    try:
        answer, word = do(), "ok"
    except (AssertionError, ValueError, KeyError, RuntimeError) as why:
        answer, word = why, "FAILED"
    line = f"vm: {what}: {word} ({time.monotonic() - began:.0f} s) {answer}"
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
    log.write(line + "\n")
    log.flush()
    return word == "ok"


def main() -> int:
    """Run everything; 1 where something failed."""
    if missing := lacking():
        packages = "mmdebstrap qemu-system-x86 qemu-utils e2fsprogs openssh-client"
        sys.exit(f"vm-test: not here: {missing}: apt-get install {packages}, as root")
    FOLDER.mkdir(parents=True, exist_ok=True)
    build(FOLDER)
    # The machine sees this checkout read-only, and compiles slowly.
    subprocess.run([sys.executable, "-m", "compileall", "-q", "agent", "_fastfeat"], cwd=ROOT, check=False)
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    with (FOLDER / "vm-test.log").open("w", encoding="utf-8") as log:
        log.write(f"commit {commit.stdout.strip()}\n")
        machine = Machine(FOLDER)
        try:
            line = f"vm: booted in {machine.boot_s:.0f} s: {machine.run('uname -r').strip()}"
            sys.stdout.write(line + "\n")
            log.write(line + "\n")
            log.write(machine.run(_INSTALL, timeout_s=600))
            failed = sum(not passes(check, log) for check in checks(machine))
            machine.shot(FOLDER / "end.png")
            log.write(
                machine.run(
                    "journalctl --no-pager -u steadyhand-mouse -u steadyhand-program-check | tail -50"
                )
            )
        finally:
            machine.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
