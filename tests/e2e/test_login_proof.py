"""Proofs of identity at the running agent: the system's own are written by root alone, a forged one is reported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.demo.stage import PROGRAMS, stage
from agent.files.paths import Paths
from tests.e2e.desktop import missing
from tests.e2e.job import OWNER, SIZE, Job, session
from tests.e2e.login_service import OWN_RUN, LoginService, lacking

LACKING = missing(*PROGRAMS, "i3lock") or lacking()
pytestmark = [pytest.mark.display, pytest.mark.skipif(bool(LACKING), reason=LACKING)]

FIRST_DISPLAY = 240
NOBODY = 65534


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    with stage(*SIZE, first_display=FIRST_DISPLAY) as made:
        root = tmp_path / "root"
        root.mkdir(mode=0o700)
        yield Job(made, Paths.under(root), around=OWN_RUN)
        assert "Traceback" not in (made.folder / "agent.log").read_text()


@pytest.mark.timeout(90)
def test_a_forged_proof_is_reported_and_the_systems_own_is_written_by_its_helper_alone(
    job: Job, tmp_path: Path
) -> None:
    job.settle_in()
    observer = job.start()
    system = LoginService(tmp_path, job.agent_pid)
    system.prepare()
    assert not system.authenticate("wrong")
    assert system.proof() == "", "the helper is reached only after the password was right"

    locker = job.show_locker(observer)
    system.forge(NOBODY)
    forged = system.proof()
    locker.kill()
    locker.wait(5)
    job.play(session(OWNER, 1, seconds=4.0))
    observer.wait("the alert", lambda: observer.first("proof rejected") is not None, 10)
    refused = observer.first("proof rejected")
    assert refused is not None
    assert f"belongs to user number {NOBODY}, not to 0" in refused.message
    assert observer.first("baseline taken") is None

    assert system.authenticate()
    written = json.loads(system.proof())
    assert written["service"] == "gdm-password"
    assert written["monotonic_ns"] > json.loads(forged)["monotonic_ns"]
    locker = job.show_locker(observer)
    assert system.authenticate()
    locker.terminate()
    locker.wait(5)
    job.play(session(OWNER, 2, seconds=4.0))
    assert job.locker() == ""
    rejected = [alert for alert in observer.alerts() if alert.kind == "proof rejected"]
    assert len(rejected) == 1, "the system's own proof is not refused"
