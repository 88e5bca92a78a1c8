"""The package in a booted Debian: installed with its services running, upgraded under a running agent, removed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.desktop.agent_checks import agents, comes, one_agent, status
from tests.desktop.container import PEOPLE, Container
from tests.desktop.suites import ROOT
from tests.journal import Check

UPGRADE = "0.1.0+upgrade"
_PLACES = ("etc", "usr", "srv", "var/lib")
# What dpkg and systemd remember of every package and service, whether it is still there or not.
_BOOKS = ("var/lib/dpkg", "var/lib/apt", "var/lib/systemd", "etc/machine-id", "var/lib/ucf", "usr/share/mime")
_SERVICES = (
    "steadyhand-mouse.service",
    "steadyhand-program-check.socket",
    "steadyhand-own-program-check.socket",
)
_OF_USER = "etc/passwd", "etc/group", "etc/shadow", "etc/gshadow"


def package() -> Path:
    """The agent's package in dist/."""
    built = sorted((ROOT / "dist").glob("steadyhand_*.deb"))
    if len(built) != 1:
        sys.exit(f"desktop-test: {len(built)} packages of the agent in dist/, not one: make package")
    return built[0]


def built_at(deb: Path) -> int:
    """The time of the commit that a package was built from, in seconds of Unix: the archive's own."""
    return int(deb.read_bytes()[24:36])


OTHER = "none of the last hundred"
"""What a log says of a package that none of this branch's last commits made."""


def commit_of(deb: Path) -> str:
    """The commit that a package was built from; empty where it is none of this branch's last hundred."""
    words = ["git", "log", "-100", "--format=%ct %H"]
    printed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    commits = dict(line.split() for line in printed.splitlines())
    return commits.get(str(built_at(deb)), "")


def later(deb: Path, into: Path) -> Path:
    """The same package under a higher version, as the next release would be."""
    with TemporaryDirectory(dir="/var/tmp") as folder:
        subprocess.run(["dpkg-deb", "-R", str(deb), folder], check=True)
        control = Path(folder, "DEBIAN/control")
        text = control.read_text(encoding="utf-8")
        control.write_text(re.sub(r"^Version: .*", f"Version: {UPGRADE}", text, flags=re.M), encoding="utf-8")
        os.utime(Path(folder, "usr/lib/steadyhand/steadyhand"))
        words = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", folder, str(into)]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return into


def files(tree: Path) -> set[str]:
    """Every path of the system but dpkg's and systemd's own books."""
    listed = set()
    for place in _PLACES:
        for top, folders, names in os.walk(tree / place):
            inside = os.path.relpath(top, tree)
            folders[:] = [name for name in folders if f"{inside}/{name}" not in _BOOKS]
            listed |= {f"{inside}/{name}" for name in (*folders, *names) if name != "__pycache__"}
    return listed


def purge(c: Container) -> set[str]:
    """Take away what an earlier run left; returns the files of a system without the package."""
    c.run("apt-get", "purge", "-y", "-q", "steadyhand", timeout_s=240)
    c.run("rm", "-rf", "/etc/steadyhand", "/opt/desktop/steadyhand.deb")
    forget(c)
    before = files(c.tree)
    remains = sorted(path for path in before if "steadyhand" in path)
    assert remains == [], f"an earlier package has left {remains}"
    return before


def forget(c: Container) -> None:
    """Take away what the agents keep of the people."""
    for user in PEOPLE:
        c.run("sh", "-c", f"rm -rf /home/{user}/.local/state/steadyhand /home/{user}/.config/steadyhand")


def install(c: Container, deb: Path) -> str:
    """Install a package as an administrator does."""
    shutil.copy(deb, c.tree / "opt/desktop/steadyhand.deb")
    words = (
        "apt-get",
        "install",
        "-y",
        "-q",
        "--no-install-recommends",
        "--allow-downgrades",
    )
    ended = c.ended(*words, "/opt/desktop/steadyhand.deb", timeout_s=240)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return c.run("dpkg-query", "-W", "-f", "${Version} ${db:Status-Status}", "steadyhand")


def services(c: Container) -> dict[str, str]:
    """The package enabled and started the mouse service and the program check, under users of their own."""
    for unit in _SERVICES:
        words = {verb: c.run("systemctl", verb, unit).strip() for verb in ("is-enabled", "is-active")}
        assert words == {"is-enabled": "enabled", "is-active": "active"}, (unit, words)
    pid = c.run("systemctl", "show", "-P", "MainPID", _SERVICES[0]).strip()
    lines = dict(line.split(":\t", 1) for line in c.run("cat", f"/proc/{pid}/status").splitlines())
    assert lines["CapEff"] == lines["CapBnd"] == "0000000000000000", lines
    assert (lines["NoNewPrivs"], lines["Seccomp"]) == ("1", "2"), lines
    assert c.run("ps", "-o", "user:32=", "-p", pid).strip() == "steadyhand-mouse"
    profile = c.run("systemctl", "show", "-P", "AppArmorProfile", _SERVICES[0]).strip()
    assert profile.endswith("steadyhand-mouse"), profile
    parsed = c.ended("apparmor_parser", "-Q", "-K", "/etc/apparmor.d/steadyhand-mouse")
    assert parsed.returncode == 0, parsed.stderr
    exposure = c.run("systemd-analyze", "security", _SERVICES[0]).strip().splitlines()[-1]
    loaded = "loaded" if (Path("/sys/kernel/security/apparmor")).exists() else "not loaded: no AppArmor here"
    memory = lines["VmRSS"].strip()
    return {"exposure": exposure.encode("ascii", "ignore").decode(), "profile": loaded, "memory": memory}


def upgraded(c: Container, deb: Path) -> dict[str, object]:
    """Under a running agent: both services and the agent go over to the new program by themselves."""
    mouse_before = c.run("systemctl", "show", "-P", "MainPID", _SERVICES[0])
    (before,) = agents(c)
    with TemporaryDirectory(dir="/var/tmp") as folder:
        said = install(c, later(deb, Path(folder, "steadyhand.deb")))
    assert said == f"{UPGRADE} installed", said
    began = time.monotonic()
    services(c)
    assert c.run("systemctl", "show", "-P", "MainPID", _SERVICES[0]) != mouse_before, (
        "the old service runs on"
    )
    comes(lambda: not {*agents(c)} <= {before}, 300, f"the old agent runs on: {status(c)['notes']}")
    after_s = round(time.monotonic() - began)
    return {"version": said, "agent_s": after_s, "one agent": one_agent(c)}


def removed(c: Container, before: set[str]) -> dict[str, object]:
    """Purged: no file, no account, no process and no unit is left but the person's own files."""
    ended = c.ended("apt-get", "purge", "-y", "-q", "steadyhand", timeout_s=240)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    left = sorted(files(c.tree) - before)
    assert left == [], left
    for name in ("steadyhand-mouse", "steadyhand-relay"):
        assert c.ended("getent", "passwd", name).returncode != 0, f"the account {name} is left"
    units = c.run("systemctl", "list-units", "--all", "--no-legend", "steadyhand*")
    assert units == "", units
    comes(
        lambda: c.run("pgrep", "-f", "^[^ ]*steadyhand (run|mouse|relay|program)") == "",
        30,
        "something runs on",
    )
    own = c.run("find", "/home/anna", "-path", "*steadyhand*", "-maxdepth", "3").split()
    return {"left in the person's home": own}


def life(c: Container, deb: Path, before: set[str]) -> Iterator[Check]:
    """What comes after every desktop."""
    yield "one agent", lambda: one_agent(c)
    yield "upgraded under a running agent", lambda: upgraded(c, deb)
    yield "purged, and nothing is left", lambda: removed(c, before)
