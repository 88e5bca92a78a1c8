"""The root side of a login of the test's own: PAM's library, the real helper, and a /run that nobody else sees.

The stack is the one that the helper's head asks for, below a password check that stands in for pam_unix. `/run` is a
file system in a mount namespace of the agent's, so that neither the computer's agents nor its users are touched; the
agent and the helper are the product's own and know nothing of it. Only for root.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.host.linux.proofs import FOLDER
from tests.e2e.desktop import missing

HELPER: Final = Path(__file__).parents[2] / "packaging" / "linux" / "steadyhand-proof"
PROGRAM: Final = Path(__file__).with_name("pam_login.py")
PASSWORD: Final = "correct horse"
OWN_RUN: Final = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$@"', "sh")
"""Command before another one: gives it a /run of its own. The process stays the same."""


def lacking() -> str:
    """Why there can be no such login here; empty where there can."""
    if os.geteuid() != 0:
        return "PAM's helper writes as root alone"
    if gone := missing("unshare", "nsenter"):
        return gone
    tried = subprocess.run([*OWN_RUN, "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if tried.returncode != 0:
        return f"no /run of its own can be mounted: {tried.stderr.decode().strip()}"
    return "" if list(Path("/lib").glob("*/security/pam_exec.so")) else "pam_exec is not installed"


@dataclass(frozen=True, slots=True)
class LoginService:
    """A display manager's authentication, for the agent of one process.

    Attributes
    ----------
    folder : Path
        Private folder for the stack and the password check.
    agent_pid : int
        Whose /run the helper writes to.
    """

    folder: Path
    agent_pid: int

    def prepare(self, service: str = "gdm-password") -> None:
        """Write the stack of a service: the password, then the helper."""
        check = self.folder / "check-password"
        check.write_text(f'#!/bin/sh\n[ "$(tr -d "\\0")" = "{PASSWORD}" ]\n')
        check.chmod(0o700)
        (self.folder / service).write_text(
            f"auth requisite pam_exec.so quiet expose_authtok {check}\nauth optional pam_exec.so quiet {HELPER}\n"
        )

    def authenticate(self, password: str = PASSWORD, service: str = "gdm-password") -> bool:
        """Ask PAM, as the display manager does; whether it took the password."""
        user = pwd.getpwuid(os.geteuid()).pw_name
        command = [sys.executable, str(PROGRAM), service, user, str(self.folder)]
        return self._beside_agent(command, password + "\n") == 0

    def forge(self, uid: int) -> None:
        """Put a proof there, written this moment, that belongs to another user than root."""
        script = (
            "import os, sys, time, pathlib; path = pathlib.Path(sys.argv[1]); "
            "path.parent.mkdir(mode=0o755, parents=True, exist_ok=True); "
            'path.write_text(\'{"form": 1, "monotonic_ns": %d, "service": "gdm-password"}\' % time.monotonic_ns()); '
            "os.chown(path, int(sys.argv[2]), 0)"
        )
        command = [sys.executable, "-c", script, str(FOLDER / str(os.geteuid())), str(uid)]
        assert self._beside_agent(command, "") == 0

    def proof(self) -> str:
        """What the helper has written; empty where nothing."""
        path = Path(f"/proc/{self.agent_pid}/root") / FOLDER.relative_to("/") / str(os.geteuid())
        return path.read_text() if path.exists() else ""

    def _beside_agent(self, command: list[str], stdin: str) -> int:
        inside = ["nsenter", f"--mount=/proc/{self.agent_pid}/ns/mnt", "--", *command]
        return subprocess.run(inside, input=stdin, text=True, timeout=20, check=False).returncode
