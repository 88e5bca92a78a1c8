"""A clean Debian to install packages into: made once by debootstrap, copied for each use."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SUITE = "bookworm"
USER = "alice"
# What a plain X session has, and a locker; then what the package recommends: the tray's menu, re-authentication.
DESKTOP = ("xvfb", "openbox", "tint2", "dbus", "dbus-x11", "dex", "i3lock", "fonts-dejavu-core")
RECOMMENDED = (
    "polkitd",
    "python3-gi",
    "gir1.2-gtk-3.0",
    "gir1.2-ayatanaappindicator3-0.1",
    "gir1.2-notify-0.7",
)
# What dpkg and apt remember of every package, whether it is still there or not.
DPKGS_OWN = ("var/lib/dpkg", "var/log", "var/cache", "var/lib/apt", "root", "proc", "tmp", "run", "home")


@dataclass(frozen=True, slots=True)
class CleanRoot:
    """A folder with a Debian in it, whose processes see nothing else.

    Attributes
    ----------
    folder : Path
    """

    folder: Path

    def command(
        self, command: Sequence[str], user: str = "", environ: Mapping[str, str] | None = None
    ) -> list[str]:
        """`command` as it is called from outside; as root where no user is named."""
        who = ["--userspec", f"{user}:{user}"] if user else []
        home = f"/home/{user}" if user else "/root"
        told = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": home, "USER": user or "root"} | (
            environ or {}
        )
        words = [f"{name}={value}" for name, value in told.items()]
        return ["chroot", *who, str(self.folder), "/usr/bin/env", "-i", "-C", home, *words, *command]

    def run(
        self, *command: str, user: str = "", environ: Mapping[str, str] | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        ended = subprocess.run(
            self.command(command, user, environ), capture_output=True, text=True, timeout=600, check=False
        )
        assert ended.returncode == 0 or not check, f"{command}: {ended.stdout}{ended.stderr}"
        return ended

    def install(self, *packages: str) -> None:
        """Install Debian packages, by name or from files; what they only recommend is left out."""
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        self.run("apt-get", "install", "-y", "--no-install-recommends", *packages, environ=quiet)

    def files(self) -> set[str]:
        """Every path but those in which dpkg keeps its own books, and the users' homes."""
        found = set()
        for top, folders, files in os.walk(self.folder):
            inside = os.path.relpath(top, self.folder)
            folders[:] = [name for name in folders if os.path.normpath(f"{inside}/{name}") not in DPKGS_OWN]
            found |= {os.path.normpath(f"{inside}/{name}") for name in (*folders, *files)}
        return found


@contextmanager
def clean_root(cache: Path, folder: Path, extra: Sequence[str] = ()) -> Iterator[CleanRoot]:
    """A fresh Debian with a user and, where named, further packages; it is gone afterwards.

    Parameters
    ----------
    cache : Path
        Where debootstrap's result is kept for the next time.
    folder : Path
        Where the copy goes.
    extra : sequence of str
        Debian packages.
    """
    if not (cache / "etc" / "debian_version").exists():
        shutil.rmtree(cache, ignore_errors=True)
        cache.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["debootstrap", "--variant=minbase", "--include=libx11-6", SUITE, str(cache)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    subprocess.run(["cp", "-a", str(cache), str(folder)], check=True)
    root = CleanRoot(folder)
    shutil.copy("/etc/resolv.conf", folder / "etc" / "resolv.conf")
    # Nothing that is installed may start a service of its own.
    forbid = folder / "usr" / "sbin" / "policy-rc.d"
    forbid.write_text("#!/bin/sh\nexit 101\n")
    forbid.chmod(0o755)
    subprocess.run(["mount", "-t", "proc", "proc", str(folder / "proc")], check=True)
    try:
        root.run("useradd", "--create-home", "--shell", "/bin/sh", USER)
        if extra:
            root.install(*extra)
        yield root
    finally:
        subprocess.run(["umount", "--lazy", str(folder / "proc")], check=True)
        shutil.rmtree(folder, ignore_errors=True)
