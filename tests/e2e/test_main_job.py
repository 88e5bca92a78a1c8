"""The main job, end to end: real X input in, a locked screen and a delivered alert out.

Xvfb with a desktop, the agent in a process of its own capturing XTEST input through pynput, a real i3lock,
and a real rsyslog over mutual TLS. Owner and intruder are generated: they share desk, mouse and way of capture,
and differ in their hands alone.
"""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from agent.demo.observer import Observer
from agent.demo.stage import PROGRAMS, stage
from agent.engine.profile import Profile
from agent.files.paths import Paths
from tests.e2e.desktop import missing
from tests.e2e.job import INTRUDER, OWNER, SIZE, Job, Once, enrolled_owner, locks, session
from tests.e2e.rsyslog import MISSING, Receiver

LACKING = missing(*PROGRAMS, "i3lock") or MISSING
pytestmark = [pytest.mark.display, pytest.mark.skipif(bool(LACKING), reason=LACKING)]

FIRST_DISPLAY = 160

SYSLOG = """
[alerts]
syslog_host = "127.0.0.1"
syslog_port = {receiver.port}
syslog_server_name = "localhost"
syslog_ca_file = "{receiver.folder}/ca.pem"
syslog_cert_file = "{receiver.folder}/client.pem"
syslog_key_file = "{receiver.folder}/client.key"
"""


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    with stage(*SIZE, first_display=FIRST_DISPLAY) as made:
        root = tmp_path / "root"
        root.mkdir(mode=0o700)
        yield Job(made, Paths.under(root))
        assert "Traceback" not in (made.folder / "agent.log").read_text()


@pytest.fixture(scope="module")
def enrolled() -> Callable[[Job], Profile]:
    """Trains the owner's profile once, for the mouse of the first stage: Xvfb's are all alike."""
    made: list[Profile] = []

    def profile(job: Job) -> Profile:
        if not made:
            made.append(enrolled_owner(job.stage))
        return made[0]

    return profile


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    receiver = Receiver(tmp_path / "rsyslog")
    receiver.prepare()
    receiver.start()
    yield receiver
    receiver.kill()


def findings(receiver: Receiver) -> list[tuple[str, dict[str, Any]]]:
    """The message ids and events that rsyslog has received."""
    return [(m["msgid"], json.loads(m["msg"])) for m in receiver.messages()]


@pytest.mark.timeout(150)
def test_an_intruder_is_locked_out_and_the_security_team_knows(
    job: Job, enrolled: Callable[[Job], Profile], receiver: Receiver
) -> None:
    job.settle_in(SYSLOG.format(receiver=receiver))
    job.install(enrolled(job))
    observer = job.start()
    assert observer.status()["state"] == "protecting"
    assert job.locker() == ""

    taken_s = time.time()
    job.play(
        session(INTRUDER, 2, seconds=120.0), stop=Once(job.paths.alerts_file, lambda: bool(locks(observer)))
    )
    observer.wait("the lock's result", lambda: bool(locks(observer)), 10)
    took_s = time.time() - taken_s

    assert job.locker() == "i3lock"
    create = observer.first("intruder")
    (update,) = locks(observer)
    assert create is not None
    assert update.kind == "lock result"
    assert (update.fields["lock"], update.fields["locker"]) == ("locked", "i3lock")
    assert update.finding_id == create.finding_id
    assert create.reasons
    assert took_s < 75

    wanted = {("intruder", create.finding_id), ("lock-result", create.finding_id)}

    def arrived() -> bool:
        return wanted <= {(kind, event["finding_info"]["uid"]) for kind, event in findings(receiver)}

    observer.wait("both records at rsyslog", arrived, 10)
    received = {
        kind: event for kind, event in findings(receiver) if event["finding_info"]["uid"] == create.finding_id
    }
    assert (received["intruder"]["activity_id"], received["lock-result"]["activity_id"]) == (1, 2)
    assert observer.status()["last_lock"] == "locked"


@pytest.mark.timeout(150)
def test_the_owner_works_and_is_left_alone(job: Job, enrolled: Callable[[Job], Profile]) -> None:
    job.settle_in()
    job.install(enrolled(job))
    observer = job.start()
    sent = job.play(session(OWNER, 1, seconds=40.0))
    observer.wait("every event", lambda: observer.status()["events"] >= sent, 5)
    status = observer.status()
    assert status["actions"] >= 20
    assert status["state"] == "protecting"
    assert status["trust"] > 30
    assert job.locker() == ""
    assert [alert.kind for alert in observer.alerts()] == ["started"]


@pytest.mark.timeout(150)
def test_an_agent_that_is_killed_again_and_again_goes_on_learning_where_it_was(job: Job) -> None:
    job.settle_in()
    rng = random.Random(7)
    stop, acknowledged, counts = threading.Event(), 0, []
    with ThreadPoolExecutor(1) as hand:
        working = hand.submit(job.play, session(OWNER, 5, seconds=100.0), stop.is_set)
        try:
            for _ in range(5):
                observer = job.start()
                counts.append(learnt(observer))
                assert counts[-1] >= acknowledged, "what the status had counted was on disk"
                wait_for_more(observer)
                time.sleep(rng.uniform(0.0, 1.0))
                job.kill()
                acknowledged = learnt(observer)
        finally:
            stop.set()
        working.result(10)
    assert counts == sorted(set(counts)), "every run adds to what the ones before it had"
    assert counts[0] == 0


def wait_for_more(observer: Observer) -> None:
    least = learnt(observer) + 3
    observer.wait("something new", lambda: learnt(observer) >= least, 20)


def learnt(observer: Observer) -> int:
    """How many actions the agent says it has learnt from."""
    found = re.search(r"([\d,]+) of 1,500 actions", observer.status()["detail"])
    assert found, observer.status()
    return int(found[1].replace(",", ""))
