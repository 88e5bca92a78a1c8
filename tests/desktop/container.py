"""A Debian container with real desktops: systemd, logind, D-Bus, PAM and polkit, without a screen or a mouse."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = (
    *(
        "systemd-sysv",
        "dbus",
        "dbus-user-session",
        "libpam-systemd",
        "polkitd",
        "udev",
        "procps",
        "psmisc",
        "python3",
    ),
    *(
        "python3-gi",
        "sway",
        "swaylock",
        "foot",
        "mako-notifier",
        "libnotify-bin",
        "grim",
        "fonts-dejavu-core",
        "libgl1-mesa-dri",
        "libegl1",
        "xwayland",
    ),
    *("gnome-shell", "gdm3", "gnome-session", "gnome-settings-daemon", "gsettings-desktop-schemas", "gjs"),
    *("libevdev2", "libx11-6", "accountsservice", "dconf-cli", "adwaita-icon-theme", "upower", "rtkit"),
)
MIRROR = "http://deb.debian.org/debian"
_INIT = "systemd.unit=multi-user.target"
_SHELL_UNIT = """\
[Service]
ExecStart=
ExecStart=/usr/bin/gnome-shell --wayland --headless --virtual-monitor 1280x800 --unsafe-mode --no-x11
"""
_AGENT = """\
#!/bin/sh
export PYTHONPATH={paths} PYTHONDONTWRITEBYTECODE=1
exec python3 -m agent "$@"
"""


def lacking() -> str:
    """What is not here that the container needs; empty where all is."""
    missing = [
        name for name in ("mmdebstrap", "systemd-nspawn", "unshare", "nsenter") if not shutil.which(name)
    ]
    if os.geteuid() != 0:
        missing.append("root")
    return ", ".join(missing)


def build(tree: Path) -> None:
    """Make the tree, unless it is there: some minutes, about 1.3 GB."""
    if (tree / "usr/bin/gnome-shell").exists():
        return
    tree.parent.mkdir(parents=True, exist_ok=True)
    command = ["mmdebstrap", "--variant=minbase", "--mode=root", f"--include={','.join(PACKAGES)}"]
    command += [
        "--aptopt=APT::Install-Recommends false",
        "--dpkgopt=force-unsafe-io",
        "bookworm",
        str(tree),
        MIRROR,
    ]
    subprocess.run(command, check=True)
    inside = "id anna 2>/dev/null || useradd -m -s /bin/bash anna; echo anna:hare | chpasswd"
    subprocess.run(["chroot", str(tree), "sh", "-c", inside], check=True)
    done = tree / "home/anna/.config/gnome-initial-setup-done"
    done.parent.mkdir(exist_ok=True)
    done.touch()
    subprocess.run(["chroot", str(tree), "chown", "-R", "anna:", "/home/anna"], check=True)


def install(tree: Path, root: str = str(ROOT), packages: str = sysconfig.get_paths()["purelib"]) -> None:
    """Lay out the agent as its package does, over a checkout and an interpreter's packages.

    Parameters
    ----------
    tree : Path
    root, packages : str
        Where the tree has the checkout and the packages.
    """
    paths = ":".join([root, *_extra(), packages])
    units = ("usr/lib/systemd/user", "usr/lib/systemd/user/graphical-session.target.wants")
    for folder in (*units, "usr/lib/steadyhand", "etc/xdg/autostart", "etc/sway/config.d", "opt/desktop"):
        (tree / folder).mkdir(parents=True, exist_ok=True)
    wanted = tree / units[1] / "steadyhand.service"
    wanted.unlink(missing_ok=True)
    wanted.symlink_to("../steadyhand.service")
    copies = {
        "packaging/systemd/user/steadyhand.service": "usr/lib/systemd/user/steadyhand.service",
        "packaging/linux/steadyhand-session": "usr/lib/steadyhand/steadyhand-session",
        "packaging/linux/steadyhand-autostart.desktop": "etc/xdg/autostart/steadyhand.desktop",
        "packaging/linux/sway.conf": "etc/sway/config.d/50-steadyhand.conf",
        "packaging/linux/org.steadyhand.policy": "usr/share/polkit-1/actions/org.steadyhand.policy",
        "packaging/linux/50-steadyhand-relay.rules": "usr/share/polkit-1/rules.d/50-steadyhand-relay.rules",
        "packaging/systemd/system/steadyhand-relay.service": "usr/lib/systemd/system/steadyhand-relay.service",
        "packaging/systemd/sysusers.d/steadyhand-relay.conf": "usr/lib/sysusers.d/steadyhand-relay.conf",
        "packaging/systemd/system/steadyhand-mouse.service": "usr/lib/systemd/system/steadyhand-mouse.service",
        "packaging/systemd/sysusers.d/steadyhand-mouse.conf": "usr/lib/sysusers.d/steadyhand-mouse.conf",
        "packaging/systemd/system/steadyhand-program-check.service": (
            "usr/lib/systemd/system/steadyhand-program-check.service"
        ),
        "packaging/systemd/system/steadyhand-program-check.socket": (
            "usr/lib/systemd/system/steadyhand-program-check.socket"
        ),
        "tests/desktop/probe.py": "opt/desktop/probe.py",
    }
    for source, target in copies.items():
        (tree / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / source, tree / target)
    command = tree / "usr/bin/steadyhand"
    command.write_text(_AGENT.format(paths=paths))
    command.chmod(0o755)
    shell = tree / "home/anna/.config/systemd/user/org.gnome.Shell@wayland.service.d/headless.conf"
    shell.parent.mkdir(parents=True, exist_ok=True)
    shell.write_text(_SHELL_UNIT)
    subprocess.run(["chroot", str(tree), "chown", "-R", "anna:", "/home/anna"], check=True)


class Container:
    """The tree, booted.

    Parameters
    ----------
    tree : Path
    """

    def __init__(self, tree: Path) -> None:
        places = {str(ROOT), sysconfig.get_paths()["purelib"], *_extra()}
        binds = " ".join(f"--bind-ro={place}" for place in sorted(places))
        boot = (
            "mkdir -p /run/systemd/nspawn && mount -t tmpfs tmpfs /run/systemd/nspawn && exec systemd-nspawn "
            f"--register=no --keep-unit -q -b -D {tree} -M steadyhand-desktop --private-users=no --resolv-conf=off "
            f"--capability=all --console=passive {binds} {_INIT}"
        )
        environ = {**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
        self._nspawn = subprocess.Popen(
            ["unshare", "-m", "sh", "-c", boot],
            env=environ,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._init = self._wait_for_init()

    def run(self, *command: str, timeout_s: float = 60.0) -> str:
        """What a command of root's in the container prints."""
        words = ["timeout", "-s", "KILL", str(timeout_s), "nsenter", "-t", str(self._init), "-a", *command]
        ended = subprocess.run(words, capture_output=True, text=True, check=False)
        return ended.stdout

    def as_anna(self, *command: str, timeout_s: float = 60.0, **environ: str) -> str:
        """What a command in anna's user manager prints, with her session's environment."""
        paths = ":".join([str(ROOT), *_extra(), sysconfig.get_paths()["purelib"]])
        made = {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1", **environ}
        given = [word for name, value in made.items() for word in ("-E", f"{name}={value}")]
        return self.run(
            *("systemd-run", "--user", "-M", "anna@", "--pipe", "-q", "--wait"),
            *given,
            *command,
            timeout_s=timeout_s,
        )

    def log_in(self, unit: str, command: str) -> None:
        """Start a session of anna's at logind that runs a command."""
        session = [f"{name}={value}" for name, value in _SESSION.items()]
        given = [word for pair in session for word in ("-E", pair)]
        self.run(
            "systemd-run",
            f"--unit={unit}",
            "-p",
            "PAMName=login",
            "-p",
            "User=anna",
            *given,
            "sh",
            "-c",
            command,
        )

    def log_out(self, unit: str) -> None:
        """End it, and all that anna runs."""
        self.run("systemctl", "stop", unit)
        self.run("systemctl", "stop", "user@1000")

    def write(self, path: str, text: str) -> None:
        """A file of root's in the container."""
        place = shlex.quote(path)
        self.run("sh", "-c", f"mkdir -p $(dirname {place}) && printf %s {shlex.quote(text)} >{place}")

    def close(self) -> None:
        """Shut it down."""
        os.kill(self._init, signal.SIGRTMIN + 4)
        try:
            self._nspawn.wait(30)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()
            self._nspawn.wait()

    def _wait_for_init(self) -> int:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for status in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    words = status.read_bytes().split(b"\0")
                except OSError:
                    continue  # ended since the list was made
                if words[0].endswith(b"/systemd") and _INIT.encode() in words:
                    self._init = int(status.parent.name)
                    if self.run("systemctl", "is-system-running").strip() in ("running", "degraded"):
                        return self._init
            time.sleep(1)
        sys.exit("desktop-test: the container did not come up within 60 s")


_SESSION = {
    "XDG_SESSION_TYPE": "wayland",
    "XDG_SESSION_CLASS": "user",
    "HOME": "/home/anna",
    "LIBGL_ALWAYS_SOFTWARE": "1",
}


def _extra() -> list[str]:
    """Further folders with packages, for an environment that borrows from another."""
    return [place for place in os.environ.get("STEADYHAND_DESKTOP_PACKAGES", "").split(":") if place]
