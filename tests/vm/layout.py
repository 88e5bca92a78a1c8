"""Lays the agent out in the machine's disk as its package does, over a checkout and an interpreter's packages."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.desktop.suites import ROOT

_AGENT = """\
#!/bin/sh
export PYTHONDONTWRITEBYTECODE=1
if [ "${1:-run}" = run ]; then exec python3 -m tests.vm.guest.slow_agent "$@"; fi
exec python3 -m agent "$@"
"""
_WANTS = "usr/lib/systemd/user/graphical-session.target.wants"
_COPIES = {
    "systemd/user/steadyhand.service": "usr/lib/systemd/user/steadyhand.service",
    "linux/steadyhand-session": "usr/lib/steadyhand/steadyhand-session",
    "linux/steadyhand-autostart.desktop": "etc/xdg/autostart/steadyhand.desktop",
    "linux/sway.conf": "etc/sway/config.d/50-steadyhand.conf",
    "linux/org.steadyhand.policy": "usr/share/polkit-1/actions/org.steadyhand.policy",
    "linux/50-steadyhand-relay.rules": "usr/share/polkit-1/rules.d/50-steadyhand-relay.rules",
}


def install(tree: Path, *paths: str) -> None:
    """Put the user's unit, the entries that start it and the command in place; the services come with each run.

    Parameters
    ----------
    tree : Path
    paths : str
        Where the machine has the checkout and the packages.
    """
    for source, target in _COPIES.items():
        (tree / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "packaging" / source, tree / target)
    wanted = tree / _WANTS / "steadyhand.service"
    wanted.parent.mkdir(parents=True, exist_ok=True)
    wanted.unlink(missing_ok=True)
    wanted.symlink_to("../steadyhand.service")
    command = tree / "usr/bin/steadyhand"
    command.write_text(_AGENT)
    # Not by PYTHONPATH, which the training child does not read and the agent reports.
    (tree / "usr/lib/python3/dist-packages/steadyhand.pth").write_text("".join(f"{path}\n" for path in paths))
    command.chmod(0o755)
    subprocess.run(["chroot", str(tree), "chown", "-R", "anna:", "/home/anna"], check=True)
