"""An older signed policy put back by the same user, with what is remembered of the newer deleted or lowered."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.alerts.alert import AlertKind
from agent.config.loading import load_configuration
from agent.config.signed_policy import install_policy, sign_policy
from agent.files.keys import SigningKey, load_trust
from agent.files.paths import Paths
from agent.files.private import private_dir, write_private
from tests.agent.relay.test_relay import agent_under
from tests.agent.runtime.central.test_administration import Office
from tests.attack.accounts import comes

OLD, NEW = 1, 2
as_root = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="the administrator's key must be root's"
)


def installed(paths: Paths) -> bytes:
    """Install both versions; the older one's content."""
    paths.administrators_keys_dir.mkdir(parents=True)
    for folder in (paths.administrators_keys_dir, paths.administrators_dir):
        folder.chmod(0o755)
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32))
    (paths.administrators_keys_dir / "admin.pem").write_bytes(key.public.to_pem())
    private_dir(paths.state_dir)
    trust = load_trust(paths, local=False, required_uid=os.geteuid())
    old, new = (
        sign_policy({"judgement": {"mode": mode}}, key, sequence, "2026-03-01T00:00:00+00:00")
        for sequence, mode in ((OLD, "shadow"), (NEW, "enforce"))
    )
    for policy in (old, new):
        install_policy(paths, policy, "the folder's policy", trust)
    assert load_configuration(paths, required_uid=os.geteuid()).settings.judgement.mode == "enforce"
    return old


def delete(*files: Path) -> None:
    for file in files:
        file.unlink()


def lower(*files: Path) -> None:
    for file in files:
        write_private(file, json.dumps({"policy": {"administrator": OLD}}).encode())


@pytest.mark.parametrize(
    "attack",
    [
        lambda p: None,
        lambda p: delete(p.marks_file),
        lambda p: delete(p.marks_copy_file),
        lambda p: delete(p.marks_file, p.marks_copy_file),
        lambda p: lower(p.marks_file),
        lambda p: lower(p.marks_copy_file),
    ],
    ids=["policy alone", "marks", "copy", "both", "marks lowered", "copy lowered"],
)
def test_an_older_policy_is_not_used_and_is_reported(tmp_path: Path, attack: Callable[[Paths], None]) -> None:
    paths = Paths.under(tmp_path)
    write_private(paths.fetched_policy_file, installed(paths))
    attack(paths)
    configuration = load_configuration(paths, required_uid=os.geteuid())
    assert "fetched policy not used" in configuration.problems[0]
    assert configuration.source_of["judgement.mode"] != "fetched"


def test_deleted_marks_are_reported_where_the_policy_is_the_newest(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    installed(paths)
    paths.marks_file.unlink()
    configuration = load_configuration(paths, required_uid=os.geteuid())
    assert configuration.settings.judgement.mode == "enforce"
    (problem,) = configuration.problems
    assert "sequences.json is gone" in problem


@as_root
def test_a_running_agent_remembers_what_both_files_were_made_to_forget(tmp_path: Path) -> None:
    office = Office(tmp_path)
    old = installed(office.paths)
    office.administration.take_policy()
    write_private(office.paths.fetched_policy_file, old)
    lower(office.paths.marks_file, office.paths.marks_copy_file)
    assert load_configuration(office.paths).settings.judgement.mode == "shadow", "on disk nothing shows it"
    for _ in range(2):
        office.administration.take_policy()
    assert office.administration.settings.judgement.mode == "enforce"
    ((kind, message),) = office.alerts
    assert kind is AlertKind.POLICY_REJECTED
    assert "is version 1, but version 2 was used before" in message


@as_root
@pytest.mark.slow
def test_the_real_agent_raises_it_at_its_start(tmp_path: Path) -> None:
    paths = Paths.under(tmp_path)
    write_private(paths.fetched_policy_file, installed(paths))
    delete(paths.marks_file)
    with agent_under(tmp_path):
        assert comes(lambda: any("version 2 was here before" in line for line in rejected(paths)), 30)
        assert any("sequences.json is gone" in line for line in rejected(paths))


def rejected(paths: Paths) -> list[str]:
    lines = paths.alerts_file.read_text().splitlines() if paths.alerts_file.exists() else []
    return [line for line in lines if '"policy rejected"' in line]
