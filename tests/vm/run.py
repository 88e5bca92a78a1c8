"""`make vm-test`: the mouse service and the agent on a real kernel with a USB mouse, in a virtual machine. As root."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.desktop.package import OTHER, commit_of
from tests.desktop.suites import ROOT
from tests.journal import Check, Journal
from tests.vm import cost_checks, device_checks, package_checks, service_checks, story_checks
from tests.vm.image import SOURCE, build
from tests.vm.machine import Machine, lacking
from tests.vm.sight import agent

FOLDER = Path(os.environ.get("STEADYHAND_VM", ROOT / "build" / "vm"))
_INSTALL = f"""
set -e
src=/{SOURCE}/packaging
cp $src/systemd/system/steadyhand-* /etc/systemd/system/
cp $src/systemd/sysusers.d/* /usr/lib/sysusers.d/
systemd-sysusers
mkdir -p /etc/apparmor.d/local
cp $src/apparmor/* /etc/apparmor.d/
for name in mouse program-check own-program-check relay; do
    printf '%s,\\n' '/usr/bin/{{dash,sh,python3*}} mrix' '/usr/lib/python3*/** mr' '/opt/** mr' \
        > /etc/apparmor.d/local/steadyhand-$name
    apparmor_parser -r -W /etc/apparmor.d/steadyhand-$name
done
systemctl daemon-reload
systemctl start steadyhand-program-check.socket steadyhand-own-program-check.socket steadyhand-mouse steadyhand-relay
"""
_LAST_WORDS = "journalctl --no-pager -u steadyhand-mouse -u steadyhand-program-check | tail -50"
# A check that ends so has failed; everything else is a fault of the tests, and ends them.


def service(machine: Machine) -> Iterator[Check]:
    """The mouse service, its peers, and mice that come and go."""
    yield "the service is sandboxed and has opened mice alone", lambda: service_checks.sandboxed(machine)
    yield "a mouse with letter keys tells no letter", lambda: service_checks.masked(machine)
    yield "the USB mouse's movement reaches the agent under sway", lambda: service_checks.captured(machine)
    yield "when it moved is told to the relay alone", lambda: service_checks.stamped(machine)
    yield "another program of the account is refused and reported", lambda: service_checks.refused(machine)
    yield "a second listener is refused and reported", lambda: service_checks.second(machine)
    yield "an account without a session at the screen is refused", lambda: service_checks.stranger(machine)
    yield "unplugged in mid-drag, and another one plugged in", lambda: service_checks.unplugged(machine)
    yield "the service stopped while the mouse moves, and started", lambda: service_checks.stopped(machine)
    yield "a lock by swaylock is seen", lambda: service_checks.doctor_locks(machine)
    yield "another person at the same screen", lambda: service_checks.switched(machine)


def devices(machine: Machine) -> Iterator[Check]:
    """Faults of devices, kinds, rates, wheels; and what it costs."""
    yield "a mouse that floods", lambda: device_checks.flooded(machine)
    yield "a mouse that tells what no hand does", lambda: device_checks.wild(machine)
    yield "a mouse that vanishes in mid-report", lambda: device_checks.vanished(machine)
    yield "touchpads and tablets are told apart by kind", lambda: device_checks.told_apart(machine)
    yield "what it costs", lambda: cost_checks.measured(machine)
    yield "the agent is stopped, to listen in its place", lambda: agent(machine, "stop")
    yield "a held button goes with its mouse", lambda: device_checks.held_button(machine)
    yield "1,000 to 8,000 reports a second", lambda: device_checks.rates(machine)
    yield "a wheel of fine steps", lambda: device_checks.fine_wheel(machine)
    yield "a listener that forges totals is reported", lambda: device_checks.forged(machine)
    yield "a listener that only drains is reported", lambda: device_checks.drained(machine)
    yield "two people at two seats", lambda: device_checks.at_two_seats(machine)


def story(machine: Machine) -> Iterator[Check]:
    """Learn, sleep, intruder, lock, alert. After this the agent knows its owner, and would lock for a circle."""
    yield "policy, receiver and an agent that knows nobody", lambda: story_checks.prepared(machine)
    yield "it learns the owner's hand", lambda: story_checks.learns(machine)
    yield "the computer sleeps and wakes", lambda: story_checks.sleeps(machine)
    yield "it has learnt the owner's hand", lambda: story_checks.learnt(machine)
    yield "the owner is left alone", lambda: story_checks.left_alone(machine)
    yield "somebody else: lock and alerts", lambda: story_checks.locks(machine, FOLDER)
    yield "nothing is handed on while it is locked", lambda: story_checks.silent_while_locked(machine)
    yield "an agent that protects does not say so while it is blind", lambda: story_checks.blind(machine)


def package(machine: Machine) -> Iterator[Check]:
    """The Debian package, where `make package` built one before."""
    if package_checks.is_there(machine):
        yield "the Debian package's services, confined", lambda: package_checks.installed(machine)
        yield "the check for agents names a program with rights", lambda: package_checks.names_own(machine)
        yield "the profiles deny the packaged programs nothing", lambda: package_checks.not_denied(machine)
    else:
        yield "no Debian package was built: not run", lambda: "dist/steadyhand_*.deb"


PARTS = {part.__name__: part for part in (service, devices, story, package)}


def main(wanted: list[str]) -> int:
    """Run everything, or the parts that are named; 1 where something failed."""
    parts = [PARTS[name] for name in wanted or PARTS]
    if missing := lacking():
        packages = "mmdebstrap qemu-system-x86 qemu-utils e2fsprogs openssh-client"
        sys.exit(f"vm-test: not here: {missing}: apt-get install {packages}, as root")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{'-'.join(('vm-test', *wanted))}.log").open("w", encoding="utf-8") as log:
        journal, began = Journal(log), time.monotonic()
        built = sorted((ROOT / "dist").glob("steadyhand_*.deb"))
        journal.introduce(ROOT, commit_of(built[0]) or OTHER if built else "none: there is no package")
        build(FOLDER)
        # The machine gets a copy of this checkout, and compiles slowly.
        compile_all = [sys.executable, "-m", "compileall", "-q", "agent", "enroll", "_fastfeat"]
        subprocess.run(compile_all, cwd=ROOT, check=False)
        journal.write(f"disk and checkout made in {time.monotonic() - began:.0f} s")
        machine = Machine(FOLDER)
        try:
            kernel, computes = machine.run("uname -r").strip(), " ".join(machine.acceleration)
            journal.write(f"booted in {machine.boot_s:.0f} s ({computes}): {kernel}")
            log.write(machine.run(_INSTALL, timeout_s=600))
            for part in parts:
                for check in part(machine):
                    journal.check("vm", check, lambda number: machine.shot(FOLDER / f"failed-{number}.png"))
            machine.shot(FOLDER / "end.png")
            journal.write(f"{journal.failed} failed; {time.monotonic() - began:.0f} s")
            log.write(machine.run(_LAST_WORDS))
        finally:
            machine.close()
    return 1 if journal.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
