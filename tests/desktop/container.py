"""A Debian container with real desktops: systemd, logind, D-Bus, PAM and polkit, without a screen or a mouse."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.desktop.suites import ROOT, Suite

PEOPLE = {"anna": "hare", "bert": "hound"}
_INIT = "systemd.unit=multi-user.target"
_SHELL_UNIT = """\
[Service]
ExecStart=
ExecStart=/usr/bin/gnome-shell --wayland --headless --virtual-monitor 1280x800 --unsafe-mode --no-x11
"""
_KWIN_UNIT = """\
[Service]
ExecStart=
ExecStart=/usr/bin/kwin_wayland_wrapper --x11-display :8 --width 1280 --height 800 --no-global-shortcuts
"""
# Some desktops start no agent of polkit's by themselves, and Debian has moved this one.
_PASSWORDS = "#!/bin/sh\nexec $(find /usr/lib* -name polkit-mate-authentication-agent-1 | head -n 1)\n"
_RIGHTS = "steadyhand.service.d/wake-alarm.conf"
_LABWC = """\
#!/bin/sh
mako &
/opt/desktop/passwords &
exec /usr/lib/steadyhand/steadyhand-session
"""
# A seat is what udev says it is: this gives a device of no use to anybody to a second one.
_SECOND_SEAT = """
number=$(cat /sys/class/misc/vga_arbiter/dev)
mkdir -p /run/udev/data /run/udev/tags/seat /run/udev/tags/master-of-seat
printf 'I:1\\nE:ID_SEAT=seat1\\nG:seat\\nG:master-of-seat\\nQ:seat\\nQ:master-of-seat\\nV:1\\n' >/run/udev/data/c$number
touch /run/udev/control /run/udev/tags/seat/c$number /run/udev/tags/master-of-seat/c$number
systemctl restart systemd-logind
"""


def lacking() -> str:
    """What is not here that the containers need; empty where all is."""
    missing = [
        name for name in ("mmdebstrap", "systemd-nspawn", "unshare", "nsenter") if not shutil.which(name)
    ]
    if os.geteuid() != 0:
        missing.append("root")
    return ", ".join(missing)


def build(suite: Suite) -> None:
    """Make the tree with its people, unless it is there."""
    suite.complete()
    tree = suite.tree
    for name, password in PEOPLE.items():
        inside = f"id {name} 2>/dev/null || useradd -m -s /bin/bash {name}; echo {name}:{password} | chpasswd"
        subprocess.run(["chroot", str(tree), "sh", "-c", inside], check=True, stdout=subprocess.DEVNULL)
        _furnish(tree / "home" / name)
        subprocess.run(["chroot", str(tree), "chown", "-R", f"{name}:", f"/home/{name}"], check=True)
    (tree / "opt/desktop").mkdir(parents=True, exist_ok=True)
    for name, text in (("passwords", _PASSWORDS), ("labwc-autostart", _LABWC)):
        (tree / "opt/desktop" / name).write_text(text)
        (tree / "opt/desktop" / name).chmod(0o755)
    (tree / "etc/sway/config.d/90-passwords.conf").write_text("exec mako\nexec /opt/desktop/passwords\n")
    _keep_to_their_desktops(tree)
    for helper in ("probe.py", "typist.py"):
        shutil.copy(ROOT / "tests" / "desktop" / helper, tree / "opt/desktop")


def _keep_to_their_desktops(tree: Path) -> None:
    """sway's notifications and panel would take the place of KDE's own."""
    (tree / "usr/share/dbus-1/services/fr.emersion.mako.service").unlink(missing_ok=True)
    for unit in ("mako.service", "waybar.service"):
        masked = tree / "etc/systemd/user" / unit
        masked.unlink(missing_ok=True)
        masked.symlink_to("/dev/null")


def _furnish(home: Path) -> None:
    """GNOME's draws on nothing, KDE's on a virtual X screen, where a hand can reach it; nobody is welcomed."""
    units = home / ".config/systemd/user"
    files = {
        units / "org.gnome.Shell@wayland.service.d/headless.conf": _SHELL_UNIT,
        units / "plasma-kwin_wayland.service.d/headless.conf": _KWIN_UNIT,
        home / ".config/gnome-initial-setup-done": "",
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


class Container:
    """The tree, booted. It has two seats, without virtual terminals: the last session that begins is shown.

    Parameters
    ----------
    tree : Path
    packages : str
        The folder with the probe's Python packages.
    """

    def __init__(self, tree: Path, packages: str) -> None:
        self.tree = tree
        self._without_manager: dict[str, dict[str, str]] = {}
        self._python_path = f"{ROOT}:{packages}"
        binds = " ".join(f"--bind-ro={place}" for place in sorted({str(ROOT), packages}))
        boot = (
            "mkdir -p /run/systemd/nspawn && mount -t tmpfs tmpfs /run/systemd/nspawn && exec systemd-nspawn "
            f"--register=no --keep-unit -q -b -D {tree} -M steadyhand-desktop --private-users=no --resolv-conf=off "
            f"--capability=all --console=passive --tmpfs=/sys/devices/virtual/tty {binds} {_INIT}"
        )
        self._nspawn = subprocess.Popen(
            ["unshare", "-m", "sh", "-c", boot],
            env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._init = self._wait_for_init()
        self.run("sh", "-c", _SECOND_SEAT)

    def run(self, *command: str, timeout_s: float = 60.0) -> str:
        """What a command of root's in the container prints."""
        return self.ended(*command, timeout_s=timeout_s).stdout

    def ended(self, *command: str, timeout_s: float = 60.0) -> subprocess.CompletedProcess[str]:
        """A command of root's in the container, at its end."""
        words = ["timeout", "-s", "KILL", str(timeout_s), "nsenter", "-t", str(self._init), "-a", *command]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    def as_user(self, *command: str, user: str = "anna", timeout_s: float = 60.0, **environ: str) -> str:
        """What a command of somebody's prints, with the session's environment."""
        made = {"PYTHONPATH": self._python_path, "PYTHONDONTWRITEBYTECODE": "1", **environ}
        service = ("--pipe", "-q", "--wait")
        if session := self._without_manager.get(user):
            words = (
                "systemd-run",
                *service,
                "-p",
                f"User={user}",
                "-p",
                f"Slice=user-{self.uid(user)}.slice",
            )
            return self.run(*words, *_set(session | made), *command, timeout_s=timeout_s)
        # What the package's generator gives the agent, its probe gets as well.
        given = self.run("cat", f"/run/user/{self.uid(user)}/systemd/generator/{_RIGHTS}").splitlines()[1:]
        rights = [word for line in given for word in ("-p", line)]
        words = ("systemd-run", "--user", "-M", f"{user}@", *service)
        return self.run(*words, *rights, *_set(made), *command, timeout_s=timeout_s)

    def has_user_manager(self, user: str = "anna") -> bool:
        """Whether somebody's session has one of systemd's."""
        return user not in self._without_manager

    def log_in(self, unit: str, command: str, user: str = "anna", **environ: str) -> None:
        """Start somebody's session at logind, on the first seat unless named, that runs a command."""
        made = {**_SESSION, "HOME": f"/home/{user}", **environ}
        properties = ("-p", "PAMName=login", "-p", f"User={user}")
        self.run("systemd-run", f"--unit={unit}", *properties, *_set(made), "sh", "-c", command)

    def log_in_without_manager(self, unit: str, command: str, user: str = "anna", **environ: str) -> None:
        """The same without a user manager of systemd's: the session brings its bus itself."""
        number = self.uid(user)
        self.run("systemctl", "mask", "--runtime", f"user@{number}.service")
        self.run("systemctl", "start", f"user-runtime-dir@{number}.service")
        folder = f"/run/user/{number}"
        bus = f"unix:path={folder}/bus"
        session = {**environ, "XDG_RUNTIME_DIR": folder, "DBUS_SESSION_BUS_ADDRESS": bus}
        start = f"dbus-daemon --session --address={bus} --fork --nopidfile; {command}"
        self.log_in(unit, start, user, **session)
        sockets = ("find", folder, "-maxdepth", "1", "-type", "s", "-name", "wayland-*")
        deadline_s = time.monotonic() + 30
        while not (drawn := self.run(*sockets).split()) and time.monotonic() < deadline_s:
            time.sleep(0.5)
        made = {**_SESSION, **session, "WAYLAND_DISPLAY": Path(drawn[0]).name if drawn else ""}
        self._without_manager[user] = {**made, "HOME": f"/home/{user}"}

    def log_out(self, unit: str, user: str = "anna") -> None:
        """End it, and all that the person runs; returns when logind has forgotten the person."""
        number = self.uid(user)
        manager = f"user@{number}"
        self.run("systemctl", "stop", unit)
        self.run("systemctl", "stop", manager, timeout_s=15)
        # Debian 13's waits for its bus for a minute and a half.
        self.run("systemctl", "kill", "-s", "KILL", manager)
        self.run("systemctl", "stop", manager)
        self.run("loginctl", "terminate-user", user)
        if self._without_manager.pop(user, None):
            self.run("systemctl", "kill", "-s", "KILL", f"user-{number}.slice")
            self.run("systemctl", "unmask", "--runtime", f"{manager}.service")
            self.run("systemctl", "stop", f"user-runtime-dir@{number}.service")
        deadline_s = time.monotonic() + 30
        while self.ended("loginctl", "show-user", user).returncode == 0 and time.monotonic() < deadline_s:
            time.sleep(0.5)

    def uid(self, user: str) -> int:
        """Somebody's number."""
        return int(self.run("id", "-u", user))

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
            os.kill(self._init, signal.SIGKILL)
            self._nspawn.wait()

    def _wait_for_init(self) -> int:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            for pid in self._descendants():
                with contextlib.suppress(OSError):  # ended since the list was made
                    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                    if words[0].endswith(b"/systemd") and _INIT.encode() in words:
                        self._init = pid
                        if self.run("systemctl", "is-system-running").strip() in ("running", "degraded"):
                            return pid
            time.sleep(1)
        self._nspawn.kill()
        sys.exit("desktop-test: the container did not come up within 90 s")

    def _descendants(self) -> list[int]:
        """The processes that this container's start has begun: several containers may run here."""
        listed: list[int] = [self._nspawn.pid]
        for pid in listed:
            with contextlib.suppress(OSError):
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
                listed += map(int, children if len(listed) < 20 else ())
        return listed


_SESSION = {
    "XDG_SESSION_TYPE": "wayland",
    "XDG_SESSION_CLASS": "user",
    "XDG_SEAT": "seat0",
    "LIBGL_ALWAYS_SOFTWARE": "1",
}


def _set(environ: Mapping[str, str]) -> list[str]:
    return [word for name, text in environ.items() for word in ("-E", f"{name}={text}")]
