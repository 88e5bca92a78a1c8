"""Unprivileged accounts, made for the attacks and removed after them, and what they run.

An attack is a program of its own under an account of its own, as an attacker's would be. Needs root, to make accounts.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = float(os.environ.get("STEADYHAND_ATTACK_S", "20"))
"""How long a storm lasts: 20 s in the suite, ten minutes with `make attack`."""
NAMES = ("shattack-eve", "shattack-ada", "shattack-relay")


@dataclass(frozen=True)
class UserAccount:
    """One account of this computer.

    Attributes
    ----------
    name : str
    uid, gid : int
    python : str
        An interpreter that it may run.
    children : list of Popen
        What runs as it; ended with the test.
    """

    name: str
    uid: int
    gid: int
    python: str
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, script: str, *arguments: object, **environ: str) -> subprocess.Popen[bytes]:
        """Run a Python script as this account, with nothing of root's left."""
        child = subprocess.Popen(
            [*_as(self.uid, self.gid), self.python, "-c", script, *map(str, arguments)],
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": os.pathsep.join(_paths()), "HOME": "/", **environ},
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=None,
        )
        self.children.append(child)
        return child

    def end(self) -> None:
        for child in self.children:
            child.kill()
            child.communicate()
        self.children.clear()


def _as(uid: int, gid: int) -> list[str]:
    return [
        "setpriv",
        f"--reuid={uid}",
        f"--regid={gid}",
        "--clear-groups",
        "--no-new-privs",
        "--bounding-set=-all",
    ]


def _paths() -> list[str]:
    """Where the project and what it needs are, for an interpreter that is not this environment's."""
    return [str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))]


def _python(uid: int, gid: int) -> str:
    """An interpreter of this version that an unprivileged account may run: root's own lies in root's home at times."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    reads = subprocess.run([*_as(uid, gid), "test", "-r", ROOT / "agent" / "__init__.py"], check=False)
    if reads.returncode:
        pytest.skip(f"an unprivileged account cannot read {ROOT}: put the clone where others may look")
    for candidate in (sys.executable, f"/usr/local/bin/{version}", f"/usr/bin/{version}"):
        done = subprocess.run(
            [*_as(uid, gid), candidate, "-c", "import agent.relay.server, numpy, encodings.idna, json.tool"],
            env={"PYTHONPATH": os.pathsep.join(_paths())},
            cwd="/",
            capture_output=True,
            check=False,
        )
        if done.returncode == 0:
            return candidate
    pytest.fail(f"no {version} that an unprivileged account may run: install one below /usr", pytrace=False)


@pytest.fixture(scope="session")
def accounts() -> Iterator[dict[str, UserAccount]]:
    """The attacker, somebody else, and the relay's own."""
    if os.geteuid() != 0:
        pytest.skip("needs root to make accounts")
    made = {}
    for name in NAMES:
        subprocess.run(["userdel", name], check=False, capture_output=True)
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name], check=True
        )
        entry = pwd.getpwnam(name)
        made[name.removeprefix("shattack-")] = UserAccount(
            name, entry.pw_uid, entry.pw_gid, _python(entry.pw_uid, entry.pw_gid)
        )
    yield made
    for account in made.values():
        account.end()
        subprocess.run(["userdel", account.name], check=False, capture_output=True)


@pytest.fixture
def eve(accounts: dict[str, UserAccount]) -> Iterator[UserAccount]:
    """The attacker."""
    yield accounts["eve"]
    accounts["eve"].end()


@pytest.fixture
def ada(accounts: dict[str, UserAccount]) -> Iterator[UserAccount]:
    """Somebody else on the same computer."""
    yield accounts["ada"]
    accounts["ada"].end()


@pytest.fixture
def public_dir() -> Iterator[Path]:
    """A folder that every account may enter: pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="steadyhand-attack-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def comes(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Whether something becomes true in time."""
    end_s = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end_s:
            return False
        time.sleep(0.05)
    return True
