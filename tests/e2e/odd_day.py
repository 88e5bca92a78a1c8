"""An odd day, lived: `make odd-day`, some ten minutes. A smoke test of the whole way, and no evidence of any rate.

One made-up owner, on a day on which every timing of the hand is slower by one standard deviation of what people differ
by; one made-up intruder; one seed. The agent, i3lock, PAM's library and its helper are the real ones. A display manager
is not: the test asks PAM in its place and then ends the locker, as one does that has authenticated.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from math import exp
from pathlib import Path

import pytest

from agent.demo.observer import Observer
from agent.demo.stage import PROGRAMS, stage
from agent.demo.synthesis import Hand, person
from agent.engine.events import EventBatch
from agent.engine.profile import Profile
from agent.files.baseline_log import read_baselines
from agent.files.paths import Paths
from tests.e2e.desktop import missing
from tests.e2e.job import INTRUDER, OWNER, SIZE, Job, Once, enrolled_owner, locks, session, work_of
from tests.e2e.login_service import OWN_RUN, LoginService, lacking

LACKING = missing(*PROGRAMS, "i3lock") or lacking()
pytestmark = [pytest.mark.display, pytest.mark.skipif(bool(LACKING), reason=LACKING)]

FIRST_DISPLAY = 250
SLOWER_SD = 1.0
UNTIL_LOCKED_S = 200.0
AFTER_PROOF_S = 120.0
UNTIL_TAKEN_S = 90.0
REST_S = 61.0


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    with stage(*SIZE, first_display=FIRST_DISPLAY) as made:
        root = tmp_path / "root"
        root.mkdir(mode=0o700)
        yield Job(made, Paths.under(root), around=OWN_RUN)
        assert "Traceback" not in (made.folder / "agent.log").read_text()


@pytest.fixture(scope="module")
def enrolled() -> Callable[[Job], Profile]:
    """Trains the owner's profile once."""
    made: list[Profile] = []

    def profile(job: Job) -> Profile:
        if not made:
            made.append(enrolled_owner(job.stage))
        return made[0]

    return profile


@pytest.mark.timeout(800)
def test_an_owner_on_an_odd_day_is_locked_at_most_once_after_proving_himself(
    job: Job, enrolled: Callable[[Job], Profile], tmp_path: Path
) -> None:
    observer = begun(job, enrolled)
    system = LoginService(tmp_path, job.agent_pid)
    system.prepare()
    today = slower(person(OWNER))

    play_until_locked(job, observer, work_of(today, 21, seconds=UNTIL_LOCKED_S), 1)
    say(observer, "the odd day")
    assert job.locker() == "i3lock", "a day that locks nobody is not odd"

    for number in range(2):
        assert system.authenticate()
        end_locker(job, signal.SIGTERM)
        before = len(locks(observer))
        play_until_locked(job, observer, work_of(today, 30 + number, seconds=AFTER_PROOF_S), before + 1)
        if not job.locker():
            break
    say(observer, "after the proof")
    assert job.locker() == ""
    assert len(locks(observer)) - 1 <= 1

    # Whether an odd day makes a baseline depends on how odd it is; after a further unlock a usual one does.
    locker = job.show_locker(observer)
    assert system.authenticate()
    locker.terminate()
    locker.wait(5)
    job.play(session(OWNER, 5, seconds=UNTIL_TAKEN_S))
    time.sleep(REST_S)
    job.play(session(OWNER, 6, seconds=8.0))
    observer.wait("the baseline", lambda: observer.first("baseline taken") is not None, 10)
    taken = observer.first("baseline taken")
    assert taken is not None
    assert "opened by unlock (gdm-password)" in taken.message
    assert taken.fields["actions"] >= 40
    assert observer.first("proof rejected") is None
    (written,) = read_baselines(job.paths.baselines_file)
    assert (written.proof, written.actions) == ("unlock", taken.fields["actions"])


@pytest.mark.timeout(400)
def test_an_intruder_who_comes_back_after_an_unproven_unlock_is_locked_again(
    job: Job, enrolled: Callable[[Job], Profile]
) -> None:
    observer = begun(job, enrolled)
    play_until_locked(job, observer, session(INTRUDER, 2, seconds=150.0), 1)
    say(observer, "the intruder")
    assert job.locker() == "i3lock"

    end_locker(job, signal.SIGKILL)
    play_until_locked(job, observer, session(INTRUDER, 3, seconds=150.0), 2)
    say(observer, "the intruder again")
    assert job.locker() == "i3lock"
    assert [lock.kind for lock in locks(observer)] == ["lock result", "lock result"]
    assert observer.first("baseline taken") is None


def slower(hand: Hand) -> Hand:
    """The hand with every timing slower, as far as people differ."""
    usual = {trait.name: (trait.metadata["law"], getattr(hand, trait.name)) for trait in fields(Hand)}
    timings = {
        name: law.cut(timing * exp(SLOWER_SD * law.spread))
        for name, (law, timing) in usual.items()
        if law.timing
    }
    return replace(hand, **timings)


def begun(job: Job, enrolled: Callable[[Job], Profile]) -> Observer:
    """The agent, protecting."""
    job.settle_in()
    job.install(enrolled(job))
    observer = job.start()
    assert observer.status()["state"] == "protecting"
    return observer


def play_until_locked(job: Job, observer: Observer, events: EventBatch, count: int) -> None:
    """Play, and stop as soon as there have been so many locks; wait for a countdown that has begun."""
    job.play(events, stop=Once(job.paths.alerts_file, lambda: len(locks(observer)) >= count))
    time.sleep(3.0)


def end_locker(job: Job, how: signal.Signals) -> None:
    """End the locker that the agent has started, and wait until it has gone."""
    children = Path(f"/proc/{job.agent_pid}/task").glob("*/children")
    pids = [int(pid) for listed in children for pid in listed.read_text().split()]
    lockers = [pid for pid in pids if Path(f"/proc/{pid}/comm").read_text().strip() == "i3lock"]
    assert lockers
    for pid in lockers:
        os.kill(pid, how)
    job.stage.processes.wait_for("free screen", lambda: job.locker() == "")


def say(observer: Observer, what: str) -> None:
    """One line for whoever watches."""
    status = observer.status()
    sys.stderr.write(
        f"\n{what}: {status.get('actions')} actions judged, trust {status.get('trust')}, "
        f"{len(locks(observer))} locks, alerts {[alert.kind for alert in observer.alerts()]}\n"
    )
