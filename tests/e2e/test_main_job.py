"""The main job, end to end: real X input in, a locked screen and a delivered alert out.

Xvfb with a desktop, the agent in a process of its own capturing XTEST input through pynput, a real i3lock,
and a real rsyslog over mutual TLS. Owner and intruder are generated: they share desk, mouse and way of capture,
and differ in their hands alone.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from Xlib import X

from agent.demo.desktop import desk
from agent.demo.hand import XTestPointer, play
from agent.demo.observer import Observer, SeenAlert
from agent.demo.processes import punctual
from agent.demo.stage import PROGRAMS, VirtualStage, stage
from agent.demo.synthesis import person, work
from agent.engine.events import EventBatch
from agent.engine.profile import Profile
from agent.files.keys import Role, load_trust, local_signing_key
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.profile import pack_signed
from agent.files.profiles import install_profile
from agent.host.select import services
from enroll.sessions import session_rows
from enroll.train import train
from tests.e2e.desktop import missing
from tests.e2e.rsyslog import MISSING, Receiver

LACKING = missing(*PROGRAMS, "i3lock") or MISSING
pytestmark = [pytest.mark.display, pytest.mark.skipif(bool(LACKING), reason=LACKING)]

USER = "ada"
FIRST_DISPLAY = 160
SIZE = (1280, 800)
# Two hands that lie well apart: half a minute tells them from one another.
OWNER, INTRUDER = 2, 10
PACE = 0.2

SETTINGS = """\
[judgement]
mode = "enforce"
lock_on_estimate = true

[response]
countdown_s = 1.0
lockers = ["i3lock"]

[capture]
trust_synthetic = true
"""

SYSLOG = """
[alerts]
syslog_host = "127.0.0.1"
syslog_port = {receiver.port}
syslog_server_name = "localhost"
syslog_ca_file = "{receiver.folder}/ca.pem"
syslog_cert_file = "{receiver.folder}/client.pem"
syslog_key_file = "{receiver.folder}/client.key"
"""


def session(who: int, seed: int, **until: float) -> EventBatch:
    """What a person does in one session at the stage's desk."""
    place = desk(*SIZE, pace=PACE)
    return EventBatch.concat(work(person(who), place, seed, **until))  # type: ignore[arg-type]


@dataclass
class Job:
    """A stage, the agent's folders, and hands to work with.

    Attributes
    ----------
    stage : VirtualStage
    paths : Paths
    """

    stage: VirtualStage
    paths: Paths
    _agent: subprocess.Popen[bytes] | None = None

    def settle_in(self, extra: str = "") -> None:
        """Write settings for a test display."""
        private_dir(self.paths.config_dir)
        self.paths.settings_file.write_text(SETTINGS + extra)

    def install(self, profile: Profile) -> None:
        """Sign the owner's profile with this computer's key, as its own enrolment does."""
        data = pack_signed(profile, local_signing_key(self.paths), Role.LOCAL)
        install_profile(
            self.paths, data, "profile", load_trust(self.paths, local=True), now=datetime.now(UTC)
        )

    def start(self) -> Observer:
        """Start the agent and wait until it has a status."""
        root = self.paths.state_dir.parent
        command = [sys.executable, "-m", "agent.demo.agent_process", str(root), USER]
        # What an agent before this one had said last is not this one's word.
        self.paths.status_file.unlink(missing_ok=True)
        self._agent = agent = self.stage.processes.start(command, name="agent")
        observer = Observer(self.paths, lambda: agent.poll() is None)
        seen = ("protecting", "learning")
        observer.wait(
            "the agent", lambda: self.runs(observer.status()) and observer.status()["state"] in seen, 20
        )
        return observer

    @staticmethod
    def runs(status: dict[str, Any]) -> bool:
        return bool(status.get("running"))

    def kill(self) -> None:
        """End the agent as a crash would."""
        # The process that was started is the guard's child by exec: its own id.
        assert self._agent is not None
        self._agent.kill()
        self._agent.wait(5)

    def play(self, events: EventBatch, stop: Callable[[], bool] = lambda: False) -> int:
        """Make it happen as real input; returns how many events did."""
        with (
            XTestPointer(self.stage.connect()) as pointer,
            ThreadPoolExecutor(1, initializer=punctual) as player,
        ):
            return player.submit(play, events, pointer, longest_pause_s=1.5, stop=stop).result().events

    def locker(self) -> str:
        """Who holds the screen's input and covers it: seen by a bystander, not told by the agent."""
        with closing(self.stage.connect()) as display:
            root = display.screen().root
            held = root.grab_keyboard(False, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime)
            if held == X.GrabSuccess:
                display.ungrab_keyboard(X.CurrentTime)
                return ""
            assert held == X.AlreadyGrabbed
            top = root.query_tree().children[-1]
            place, told = top.get_geometry(), top.get_wm_class() or ("",)
            assert (place.width, place.height) == SIZE, "the top window covers the whole screen"
            return str(told[0])


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
    made: dict[str, Profile] = {}

    def profile(job: Job) -> Profile:
        mouse = services((), job.stage.environment).mice.current()
        if mouse.key not in made:
            sessions = [
                session_rows(USER, f"session_{n}", [session(OWNER, 100 + n, actions=200)]) for n in range(8)
            ]
            made[mouse.key] = train(sessions, USER, mouse)
        return made[mouse.key]

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


class Once:
    """Looks only when a file has grown, so that playing stays punctual."""

    def __init__(self, file: Path, look: Callable[[], bool]) -> None:
        self._file = file
        self._look = look
        self._size = 0

    def __call__(self) -> bool:
        size = self._file.stat().st_size if self._file.exists() else 0
        grown, self._size = size != self._size, size
        return grown and self._look()


def locks(observer: Observer) -> list[SeenAlert]:
    return [alert for alert in observer.alerts() if alert.kind in ("lock result", "lock failed")]
