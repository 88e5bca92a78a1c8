"""Checks of the Debian package in the machine: its programs run under their AppArmor profiles as they are shipped."""

from __future__ import annotations

from typing import Any

from tests.vm.cost_checks import memory_mb
from tests.vm.device_checks import agent_pid, service_pid
from tests.vm.image import SITE, SOURCE
from tests.vm.machine import Machine
from tests.vm.sight import agent, circle, sees, status, until

# What was laid out by hand goes, the profiles' additions for the system's interpreter above all.
_TO_PACKAGE = f"""
set -e
systemctl stop steadyhand-mouse steadyhand-relay steadyhand-program-check.socket steadyhand-program-check \\
    steadyhand-own-program-check.socket steadyhand-own-program-check
rm -f /etc/systemd/system/steadyhand-*.service /etc/systemd/system/steadyhand-*.socket
rm -f /etc/apparmor.d/local/steadyhand-*
for profile in /etc/apparmor.d/steadyhand-*; do apparmor_parser -R $profile; rm $profile; done
rm -f /usr/bin/steadyhand /etc/sway/config.d/50-steadyhand.conf
dmesg --clear
systemctl daemon-reload
DEBIAN_FRONTEND=noninteractive dpkg -i --force-confnew /{SOURCE}/dist/steadyhand_*.deb
systemctl start steadyhand-relay
"""
_PROGRAM = "/usr/lib/steadyhand/steadyhand"
_CHECKS = ("steadyhand-program-check", "steadyhand-own-program-check")
_SERVICES = ("steadyhand-mouse", "steadyhand-relay", *_CHECKS)
# A program with CAP_SYS_NICE of its own (linux/capability.h, revision 2), as KWin has it.
_RIGHTS = "os.setxattr('/usr/bin/nice-sleep', 'security.capability', struct.pack('<5I', 0x2000001, 1 << 23, 0, 0, 0))"
_RIGHTFUL = f'cp /usr/bin/sleep /usr/bin/nice-sleep; python3 -c "import os, struct; {_RIGHTS}"'
_ASK = "from agent.host.linux.own_programs import OwnPrograms; print(OwnPrograms()(int(input())).path)"


def is_there(machine: Machine) -> bool:
    """True where a package was built before the machine was started."""
    return "steadyhand_" in machine.run(f"ls /{SOURCE}/dist 2>/dev/null")


def installed(machine: Machine) -> dict[str, Any]:
    """The package in the place of what was laid out: services start by themselves, confined, and nothing is denied."""
    agent(machine, "stop")
    said = machine.run(_TO_PACKAGE, timeout_s=600)
    agent(machine, "start")
    before = sees(machine, 300)
    circle(machine, 40)
    until(lambda: status(machine), lambda now: now["events"] >= before["events"] + 20, 120)
    confined = {name: confinement(machine, name) for name in _SERVICES}
    for name, (program, profile) in confined.items():
        assert program == _PROGRAM, (confined, said[-400:])
        assert profile == f"{name} (enforce)", confined
    memory = {"service MB": memory_mb(machine, service_pid(machine))}
    memory |= {"agent MB": memory_mb(machine, agent_pid(machine))}
    return {"confined": confined, "state": before["state"], "denied": denials(machine)} | memory


def names_own(machine: Machine) -> dict[str, str]:
    """The check for agents names a program that the kernel hides from the account, to the account itself alone."""
    machine.run(_RIGHTFUL)
    machine.run("systemd-run --uid=anna --unit=rightful /usr/bin/nice-sleep 600")
    pid = machine.run("systemctl show -P MainPID rightful").strip()
    hidden = machine.run(f"readlink /proc/{pid}/exe", user="anna").strip()
    ask = f"cd /{SOURCE} && echo {pid} | PYTHONPATH=.:/{SITE} python3 -c '{_ASK}'"
    # It starts when asked, which takes longer here than an agent waits.
    named = until(lambda: machine.run(ask, user="anna").strip(), bool, 120)
    other = machine.run(ask, user="bert").strip()
    assert (hidden, named, other) == ("", "/usr/bin/nice-sleep", ""), (hidden, named, other)
    return {"the account's own look": hidden, "to the account": named, "to another account": other}


def not_denied(machine: Machine) -> str:
    """What the kernel denied the packaged programs since they were started: nothing; what it would deny is seen."""
    denied = denials(machine)
    assert not denied, denied
    refused = [machine.run(f"aa-exec -p {name} -- /usr/bin/cat /etc/shadow") for name in _SERVICES]
    assert all("Permission denied" in said for said in refused), refused
    seen = {name for name in _SERVICES if any(f'profile="{name}"' in line for line in denials(machine))}
    assert seen == set(_SERVICES), seen
    return "nothing was denied, but another program under each profile"


def confinement(machine: Machine, service: str) -> tuple[str, str]:
    """The program that a service runs, and the profile that it is under."""
    # The checks end where nobody asks for half a minute.
    begin = f"systemctl restart {service}; sleep 4; " if service in _CHECKS else ""
    look = f"cd /proc/$(systemctl show -P MainPID {service}); readlink exe; cat attr/current"
    program, _, profile = machine.run(begin + look).partition("\n")
    return program, profile.strip("\0\n ")


def denials(machine: Machine) -> list[str]:
    """What AppArmor denied, a line each."""
    return sorted(
        {
            line.split("apparmor=", 1)[1]
            for line in machine.run("dmesg").splitlines()
            if 'apparmor="DENIED"' in line and "steadyhand" in line
        }
    )
