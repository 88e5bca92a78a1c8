"""An upgrade, a downgrade and an upgrade again over real state, in a clean Debian: nothing is learnt anew or lost.

Takes minutes, root, debootstrap, dist/*.deb and the packages of an earlier version:
`make upgrade-test PREVIOUS=FOLDER`. The present packages are installed as the version after the previous one's, so that
the agent, dpkg and the chain of alerts meet two numbers.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from agent.demo.people import generated
from tests.packaging.clean_root import USER, CleanRoot, clean_root
from tests.packaging.test_show import CACHE, DEBS, SHOW, Login, kept_recordings, wait_for

PREVIOUS: Final = sorted(Path(os.environ.get("STEADYHAND_PREVIOUS_DEBS", "/nonexistent")).glob("*.deb"))
STATE: Final = f"home/{USER}/.local/state/steadyhand"
SETTINGS: Final = f"home/{USER}/.config/steadyhand/settings.toml"
X_SESSION: Final = ("xvfb", "openbox", "tint2", "dbus", "i3lock")
# Settings that the earlier version has as well; nobody listens at the receiver, so that alerts wait.
POLICY: Final = {
    "judgement": {"lock_on_estimate": True},
    "enrolment": {"actions": 500, "until": "counts", "sessions": 3},
    "capture": {"trust_synthetic": True},
    "alerts": {"syslog_host": "127.0.0.1", "syslog_port": 1},
}
OWN_SETTINGS: Final = "[response]\npause_most_min = 17.0\n"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        len(PREVIOUS) != 2 or len(DEBS) != 2 or os.geteuid() != 0,
        reason="upgrades packages in a clean Debian, as root: make package upgrade-test PREVIOUS=FOLDER",
    ),
]


def version_of(deb: Path) -> str:
    asked = ["dpkg-deb", "--field", str(deb), "Version"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


def with_version(deb: Path, version: str, folder: Path) -> Path:
    """The package of another version: its control file and the version's one home inside, and nothing else."""
    laid_out, renamed = folder / "laid-out", folder / deb.name.replace(version_of(deb), version)
    subprocess.run(["dpkg-deb", "--raw-extract", str(deb), str(laid_out)], check=True)
    control = laid_out / "DEBIAN" / "control"
    control.write_text(re.sub("(?m)^Version: .*$", f"Version: {version}", control.read_text()))
    control.write_text(re.sub(r"steadyhand \(= [^)]*\)", f"steadyhand (= {version})", control.read_text()))
    (project,) = laid_out.glob("usr/lib/*/_internal/pyproject.toml")
    project.write_text(re.sub('(?m)^version = ".*"$', f'version = "{version}"', project.read_text()))
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z1", "--build", str(laid_out), str(renamed)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    shutil.rmtree(laid_out)
    return renamed


def install(root: CleanRoot, debs: list[Path]) -> None:
    """Install these packages over whatever version is there."""
    for deb in debs:
        shutil.copy(deb, root.folder / "tmp" / deb.name)
    root.install("--allow-downgrades", *(f"/tmp/{deb.name}" for deb in debs))


class AgentRun:
    """Alice's agent, from its start until it protects; ended by SIGTERM, as a session ends it."""

    def __init__(self, login: Login) -> None:
        self.login = login
        self._agent: subprocess.Popen[bytes] | None = None

    def begin(self) -> dict[str, Any]:
        """Start it; its status once it protects by a profile."""
        for left in self.login.root.folder.glob("run/alice/**/status.json"):
            left.unlink()  # what the run before said last
        (self.login.root.folder / STATE / "status.json").unlink(missing_ok=True)
        self._agent = self.login.start("steadyhand", "run")
        statuses: list[dict[str, Any]] = []

        def protects() -> bool:
            statuses.append(self._status())
            return self._protects(statuses[-1])

        wait_for("protection", protects, 600)
        return statuses[-1]

    def end(self) -> None:
        """End it in order."""
        assert self._agent is not None
        os.killpg(self._agent.pid, signal.SIGTERM)
        self._agent.wait(30)

    @staticmethod
    def _protects(status: dict[str, Any]) -> bool:
        return status.get("state") == "protecting" and bool(status["profile_id"])

    def _status(self) -> dict[str, Any]:
        status = self.login.status()
        return status if status.get("running") else {}

    def events(self) -> list[dict[str, Any]]:
        """Every alert so far."""
        lines = (self.login.root.folder / STATE / "alerts.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """What the alerts of one kind hold."""
        return [event["unmapped"] for event in self.events() if event["unmapped"]["kind"] == kind]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[AgentRun]:
    with clean_root(CACHE, tmp_path / "root", X_SESSION) as root:
        login = Login(root)
        try:
            yield AgentRun(login)
        finally:
            login.end()


def state_files(root: CleanRoot) -> dict[str, bytes]:
    """What must be the same to the bit after any change of version: profiles, keys, settings, policy."""
    folders = (
        f"{STATE}/profiles",
        f"{STATE}/keys",
        f"home/{USER}/.config/steadyhand",
        "etc/steadyhand/policies",
    )
    return {
        str(file.relative_to(root.folder)): file.read_bytes()
        for folder in folders
        for file in (root.folder / folder).rglob("*")
        if file.is_file()
    }


def waiting(root: CleanRoot) -> int:
    """Alerts that wait for the receiver that does not answer, counted in the outbox itself."""
    import sqlite3

    with contextlib.closing(sqlite3.connect(root.folder / STATE / "outbox.sqlite3")) as db:
        (count,) = db.execute("SELECT count(*) FROM alert").fetchone()
    return int(count)


def test_state_survives_an_upgrade_a_downgrade_and_an_upgrade(run: AgentRun, tmp_path: Path) -> None:
    SHOW.mkdir(parents=True, exist_ok=True)
    root, login = run.login.root, run.login
    old = version_of(PREVIOUS[0])
    major, minor, patch = map(int, old.split("."))
    new = f"{major}.{minor}.{patch + 1}"
    present = [with_version(deb, new, tmp_path) for deb in DEBS]
    install(root, PREVIOUS)
    login.begin()
    kept_recordings(login, generated().enrolment)
    settings = root.folder / SETTINGS
    settings.write_text(OWN_SETTINGS)
    policy = root.folder / "etc/steadyhand/policies/managed/upgrade.json"
    policy.write_text(json.dumps(POLICY))
    policy.chmod(0o644)
    login.root.run("chown", "-R", f"{USER}:{USER}", f"/home/{USER}")
    first = run.begin()
    run.end()
    before, counts = state_files(root), [waiting(root)]
    transcript = [f"{old} learnt the profile {first['profile_id']}; {counts[0]} alerts wait"]
    assert any("/profiles/" in name for name in before), "the earlier version learnt a profile"
    knows_later_kinds = "version" in json.loads((root.folder / STATE / "chain.json").read_text())
    for debs in (present, PREVIOUS, present):
        install(root, debs)
        assert login.steadyhand("--version").stdout == f"steadyhand {version_of(debs[0])}\n"
        began_s = time.monotonic()
        status = run.begin()
        took_s = time.monotonic() - began_s
        run.end()
        transcript.append(f"{version_of(debs[0])} protects after {took_s:.0f} s; {waiting(root)} alerts wait")
        assert status["profile_id"] == first["profile_id"]
        assert state_files(root) == before
        counts.append(waiting(root))
    (SHOW / "upgrade.txt").write_text("\n".join(transcript) + "\n")
    assert counts == sorted(set(counts)), f"alerts that waited were lost: {counts}"
    # A version from before alerts of later kinds were known takes the one waiting `upgraded` for damage, and says so.
    dropped = sum(loss["dropped"] for loss in run.of_kind("alerts dropped"))
    assert dropped == (0 if knows_later_kinds else 1)
    assert not {"file damaged", "profile rejected", "killed and restarted"} & {
        event["unmapped"]["kind"] for event in run.events()
    }
    verified = login.steadyhand("verify", f"/{STATE}/alerts.jsonl")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    changes = [(upgrade["to_version"], upgrade["downgrade"]) for upgrade in run.of_kind("upgraded")]
    assert [number for number, _ in changes].count(new) == 2, changes
    assert all(len(upgrade["to_commit"]) >= 40 for upgrade in run.of_kind("upgraded"))
