"""Debian releases in which the package is tried, with the desktops that each container has."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "desktop"
MIRROR = "http://deb.debian.org/debian"
_COMMON = (
    *("systemd-sysv", "dbus", "dbus-user-session", "libpam-systemd", "polkitd", "udev", "procps", "psmisc"),
    *("python3", "python3-gi", "apparmor", "libevdev2", "libx11-6", "libnotify-bin", "xdg-utils", "file"),
    *(
        "desktop-file-utils",
        "libglib2.0-bin",
        "fonts-dejavu-core",
        "adwaita-icon-theme",
        "libgl1-mesa-dri",
        "libegl1",
        "xwayland",
        "accountsservice",
    ),
    *("dconf-cli", "upower", "rtkit", "gsettings-desktop-schemas"),
)
_GNOME = ("gnome-shell", "gdm3", "gnome-session", "gnome-settings-daemon", "gjs")
_WLROOTS = ("sway", "swaylock", "sway-backgrounds", "foot", "mako-notifier", "grim", "mate-polkit")
_KDE = ("plasma-workspace", "plasma-desktop", "kwin-wayland", "polkit-kde-agent-1", "breeze")
_XFCE = (
    *("xfce4-session", "xfwm4", "xfce4-panel", "xfdesktop4", "xfce4-settings", "xfce4-notifyd"),
    *("xfce4-screensaver", "xvfb", "xdotool", "scrot", "dbus-x11"),
)


@dataclass(frozen=True, slots=True)
class Suite:
    """A Debian release and what its container has.

    Attributes
    ----------
    name, python : str
        Of the release, and the version of its Python, for which the probe's packages are fetched.
    desktops : tuple of str
        In the order in which they are tried.
    packages : tuple of str
        Of Debian.
    """

    name: str
    python: str
    desktops: tuple[str, ...]
    packages: tuple[str, ...]

    @property
    def tree(self) -> Path:
        """Where its container lies."""
        return Path(os.environ.get("STEADYHAND_DESKTOP", FOLDER), self.name)

    def complete(self) -> None:
        """Make the tree, or add the packages that it lacks: minutes, 1.3 to 2.5 GB."""
        listed = "\n".join(sorted(self.packages))
        made = self.tree / "opt/desktop/packages"
        if made.exists() and made.read_text(encoding="utf-8") == listed:
            return
        if not (self.tree / "usr/bin/gnome-shell").exists():
            self.tree.parent.mkdir(parents=True, exist_ok=True)
            words = [
                "mmdebstrap",
                "--variant=minbase",
                "--mode=root",
                "--aptopt=APT::Install-Recommends false",
            ]
            words += ["--dpkgopt=force-unsafe-io", f"--include={','.join(self.packages)}"]
            subprocess.run([*words, self.name, str(self.tree), MIRROR], check=True)
        else:
            shutil.copy("/etc/resolv.conf", self.tree / "etc/resolv.conf")
            forbid = self.tree / "usr/sbin/policy-rc.d"
            forbid.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
            forbid.chmod(0o755)
            words = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *self.packages]
            for command in (["apt-get", "update", "-q"], words):
                environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
                subprocess.run(["chroot", str(self.tree), *command], check=True, env=environ)
            forbid.unlink()
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(listed, encoding="utf-8")

    def python_packages(self) -> str:
        """The folder with the probe's Python packages, fetched where they are not there yet."""
        folder = FOLDER / f"python{self.python}"
        if not (folder / "numpy").exists():
            command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--only-binary=:all:"]
            command += ["--target", str(folder), "--python-version", self.python, "--require-hashes"]
            subprocess.run([*command, "-r", "/dev/stdin"], input=_wheels_alone(), text=True, check=True)
        return str(folder)


def _wheels_alone(without: str = "evdev==") -> str:
    """The pinned packages but one that is published as sources alone, and that the probe does not need."""
    pins = re.split(r"\n(?=\S)", (ROOT / "packaging/locks/runtime.txt").read_text(encoding="utf-8"))
    return "\n".join(pin for pin in pins if not pin.startswith(without)) + "\n"


SUITES = (
    Suite("bookworm", "3.11", ("gnome", "sway", "sway-bare"), (*_COMMON, *_GNOME, *_WLROOTS)),
    Suite(
        "trixie",
        "3.13",
        ("gnome", "kde", "labwc", "labwc-bare", "xfce"),
        (*_COMMON, *_GNOME, *_WLROOTS, *_KDE, *_XFCE, "labwc", "gtklock", "swayidle"),
    ),
)
