"""An agent that runs takes what the administrator puts into an HTTPS folder: no restart, a private authority."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.config.signed_policy import sign_policy
from agent.engine.profile import Profile
from agent.files.keys import Role
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.profile import pack_signed
from agent.files.profiles import SUFFIX
from agent.host.select import services
from agent.runtime.central.folder import Folder
from tests.agent.config.test_loading import put_policy
from tests.agent.conftest import Keys, keys
from tests.agent.runtime.central.test_fetch import Server, put_key, served
from tests.agent.runtime.conftest import owners_profile, works
from tests.e2e.conftest import VirtualDisplay, wait_for

__all__ = ["keys", "owners_profile", "served", "works"]

pytestmark = [
    pytest.mark.display,
    pytest.mark.skipif(os.geteuid() != 0, reason="policies and keys must belong to root"),
]
RUN = "import sys; from pathlib import Path; from agent.files.paths import Paths; from agent.ui.main import run_agent;"
RUN += " sys.exit(run_agent(Paths.under(Path(sys.argv[1])), tray=False, user='ada'))"
WITHIN_S = 20.0


@dataclass
class Computer:
    """An agent on a display of its own, and the folder that it asks every three seconds."""

    paths: Paths
    server: Server
    keys: Keys
    profile: Profile

    def status(self) -> dict[str, Any]:
        try:
            told: dict[str, Any] = json.loads(self.paths.status_file.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return told

    def alerts(self, kind: str) -> list[str]:
        lines = self.paths.alerts_file.read_text().splitlines() if self.paths.alerts_file.exists() else []
        told = [json.loads(line) for line in lines]
        return [one["message"] for one in told if one["unmapped"]["kind"] == kind]

    def put_profile(self, sequence: int) -> str:
        """A version of the owner's profile into the folder; returns its id."""
        profile = replace(self.profile, sequence=sequence, profile_id=str(uuid.UUID(int=sequence, version=4)))
        self.server.data = pack_signed(profile, self.keys.administrator, Role.ADMINISTRATOR)
        self.server.tag = f'"{sequence}"'
        return profile.profile_id

    def put_policy(self, told: dict[str, Any], sequence: int, *, by: str = "administrator") -> None:
        """A signed policy into the folder."""
        key = getattr(self.keys, by)
        self.server.policy = sign_policy(told, key, sequence, datetime.now(UTC).isoformat())
        self.server.policy_tag = f'"{by}-{sequence}"'


@pytest.fixture
def computer(
    bare_display: VirtualDisplay,
    served: tuple[Server, Folder],
    keys: Keys,
    owners_profile: Profile,
    tmp_path: Path,
) -> Iterator[Computer]:
    root = private_dir(tmp_path / "agent")
    paths = Paths.under(root)
    server, folder = served
    put_key(paths, keys)
    central = {"folder_url": folder.url, "ca_file": folder.ca_file, "every_min": 0.05}
    told = {"central": {**central}, "enrolment": {"local": False}, "response": {"countdown_s": 4}}
    put_policy(paths.managed_dir, told)
    (mouse,) = services(()).mice.connected()
    made = Computer(paths, server, keys, replace(owners_profile, mouse=mouse))
    agent = subprocess.Popen([sys.executable, "-c", RUN, str(root)], env=bare_display.environ)
    try:
        yield made
    finally:
        agent.terminate()
        assert agent.wait(10) == 0
    assert made.alerts("started") == ["The agent started"], "it never began anew"


def test_profile_and_policy_are_taken_while_it_runs(computer: Computer) -> None:
    first = computer.put_profile(4)
    assert wait_for(lambda: computer.status().get("profile_id") == first, WITHIN_S), computer.status()
    assert computer.status()["mode"] == "shadow"

    computer.put_policy({"judgement": {"mode": "enforce"}, "response": {"countdown_s": 9}}, 1)
    second = computer.put_profile(5)
    assert wait_for(lambda: computer.status()["profile_id"] == second, WITHIN_S)
    assert wait_for(lambda: computer.status()["mode"] == "enforce", WITHIN_S)

    # A stranger's policy is refused, once for all rounds; what held before goes on holding.
    computer.put_policy({"judgement": {"mode": "shadow"}}, 9, by="stranger")
    assert wait_for(lambda: bool(computer.alerts("policy rejected")), WITHIN_S)
    # A server in trouble is a line of the status, and no alert.
    computer.server.status = 503
    assert wait_for(lambda: "nothing can be fetched" in str(computer.status()["notes"]), WITHIN_S)
    computer.server.status = 200
    assert wait_for(lambda: "nothing can be fetched" not in str(computer.status()["notes"]), WITHIN_S)
    (refused,) = computer.alerts("policy rejected")
    assert "no administrator's on this computer" in refused
    assert (computer.status()["mode"], computer.status()["profile_id"]) == ("enforce", second)
    # What has not changed was answered with 304 meanwhile, and set nothing up anew.
    assert [one[1] for one in computer.server.asked if one[0].endswith(SUFFIX)][-1] == '"5"'
    fetched = computer.alerts("profile fetched")
    assert [("sequence 4" in line, "sequence 5" in line) for line in fetched] == [
        (True, False),
        (False, True),
    ]
    assert computer.alerts("profile changed") == []
