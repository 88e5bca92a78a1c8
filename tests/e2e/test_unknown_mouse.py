"""A second mouse at a working agent: announced, watched, enrolled by its proven owner; a stranger's ends in a lock.

Real mice on a real X server, real capture, the real agent with its training child; only the question for the password
and the lock are scripted.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.config import schema as settings
from agent.config.loading import Configuration
from agent.config.schema import Settings
from agent.files.devices import Declared
from agent.files.keys import Role, load_trust, local_signing_key
from agent.files.paths import Paths
from agent.files.profile import pack_signed
from agent.files.profiles import install_profile
from agent.files.version import ProgramVersion
from agent.host.api import HostServices, LockReport, LockResult
from agent.host.linux.services import linux_services
from agent.runtime import app
from agent.runtime.status.snapshot import Command, State
from enroll.train import train
from tests.e2e.desktop import wait_until
from tests.e2e.inputtest import LACKING, TestMouse, xorg
from tests.enroll.people import rows_of

pytestmark = [
    pytest.mark.display,
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(bool(LACKING), reason=f"not installed: {LACKING}"),
]

USER = "ada"
DESK, BORROWED, STRANGERS = "Desk Mouse", "Borrowed Mouse", "Strange Mouse"
TOLD = Settings(
    judgement=settings.JudgementSettings(
        mode="enforce", unknown_mouse_grace_min=0.1, unknown_mouse_answer="lock"
    ),
    response=settings.ResponseSettings(countdown_s=0.0),
    enrolment=settings.EnrolmentSettings(actions=120, sessions=2, until="counts"),
)


class ProvenOwner:
    """Answers the question for the password."""

    authority = "a test"

    def available(self) -> bool:
        return True

    def confirm(self, why: str) -> bool:
        return True


class RecordedLock:
    """Says that it locked, and lets go at once."""

    def __init__(self) -> None:
        self.times = 0

    def lock(self) -> LockReport:
        self.times += 1
        return LockReport(LockResult.LOCKED, "scripted", time.monotonic_ns(), ("scripted: locked",))

    def is_locked(self) -> bool:
        return False

    def names(self) -> Sequence[str]:
        return ("scripted",)


class Agent:
    """The running agent, its mice, and what it says."""

    def __init__(
        self, running: app.App, mice: dict[str, TestMouse], paths: Paths, lock: RecordedLock
    ) -> None:
        self.app, self.mice, self.paths, self.lock = running, mice, paths, lock

    @property
    def status(self) -> Any:
        return self.app.status.status

    def alerts(self, kind: str) -> list[dict[str, Any]]:
        lines = self.paths.alerts_file.read_text().splitlines() if self.paths.alerts_file.exists() else []
        return [told for line in lines if kind in json.dumps(told := json.loads(line))]

    def work(self, name: str, actions: int, until: Callable[[], bool] = lambda: False) -> None:
        """Point and click, a little differently each time."""
        rng, mouse = random.Random(f"{name}{actions}"), self.mice[name]
        for n in range(actions):
            if until():
                return
            way = 1 if n % 2 else -1
            for _ in range(rng.randint(6, 12)):
                mouse.move(way * rng.uniform(2, 9), rng.uniform(-3, 3))
                time.sleep(0.008)
            for down in (True, False):
                mouse.button(1, down=down)
                time.sleep(rng.uniform(0.01, 0.03))


@contextmanager
def at_work(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    mice: dict[str, TestMouse],
    settings: tuple[dict[str, Any], ...] = ({},),
    declared: Callable[[], Declared] = Declared,
) -> Iterator[Agent]:
    """The agent, running, with a profile of the first mouse under each of these settings of it."""
    paths, lock = Paths.under(folder / "root"), RecordedLock()
    (folder / "root").mkdir(mode=0o700)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    mice[DESK].plug()

    def host(lockers: Sequence[str], **_: Any) -> HostServices:
        # A test's own system bus: the product reads no variable for it.
        address = environ.get("DBUS_SYSTEM_BUS_ADDRESS", "/nonexistent").removeprefix("unix:path=")
        found = linux_services((), environ, declared, Path(address))
        return replace(found, reauthentication=ProvenOwner(), lock=lock, notes=())

    monkeypatch.setattr(app, "services", host)
    monkeypatch.setattr(app, "load_configuration", lambda *_, **__: Configuration(TOLD, {}, {}, "", ()))
    running = app.build(paths, user=USER, hostname="desk-7", program=ProgramVersion("0"))
    desk = host(()).mice.current()
    profile = train([rows_of(1, n, 150) for n in range(3)], USER, desk)
    for told in settings:
        one = replace(profile, profile_id=str(uuid.uuid4()), mouse=replace(desk, **told))
        data = pack_signed(one, local_signing_key(paths), Role.LOCAL)
        install_profile(paths, data, "profile", load_trust(paths, local=True), now=datetime.now(UTC))
    running.start()
    yield Agent(running, mice, paths, lock)
    running.stop()


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Agent]:
    with (
        tempfile.TemporaryDirectory(prefix="sh") as folder,
        xorg(Path(folder), (DESK, BORROWED, STRANGERS), 345) as (display, mice),
    ):
        nobody = f"unix:path={folder}/no-bus"
        environ = {
            **{"DISPLAY": display, "HOME": str(tmp_path), "XDG_SESSION_TYPE": "x11"},
            **{"DBUS_SESSION_BUS_ADDRESS": nobody},
        }
        with at_work(tmp_path, monkeypatch, environ, mice) as agent:
            yield agent


def test_a_second_mouse_is_announced_watched_enrolled_and_judged_by_its_own_profile(agent: Agent) -> None:
    agent.work(DESK, 3)
    wait_until(lambda: agent.status.mouse == DESK and agent.status.profile_id, "the desk's profile judges")
    first = agent.status.profile_id

    agent.mice[BORROWED].plug()
    time.sleep(0.6)
    assert agent.status.state is not State.UNKNOWN_MOUSE, "it has not moved"
    agent.work(BORROWED, 2)
    wait_until(lambda: agent.status.state is State.UNKNOWN_MOUSE, "the second mouse is unknown", 2.0)
    assert agent.status.profile_id == first, "the first one's profile keeps watching"
    wait_until(lambda: agent.alerts("An unknown mouse is in use: Borrowed Mouse"), "the alert")
    agent.work(DESK, 1)
    wait_until(lambda: agent.status.mouse == DESK, "who moves decides")
    assert agent.status.state is not State.UNKNOWN_MOUSE

    agent.work(BORROWED, 1)
    wait_until(lambda: agent.status.mouse == BORROWED, "who moves decides, the other way")
    agent.app.request(Command.ENROL)
    wait_until(lambda: agent.status.enrolled_share is not None, "learning the second mouse")
    for _ in range(2):
        agent.work(BORROWED, 75)
        agent.work(DESK, 1)
    wait_until(lambda: agent.alerts("A new local profile was made for Borrowed Mouse"), "the training", 60.0)
    agent.work(BORROWED, 3)
    wait_until(lambda: agent.status.mouse == BORROWED and agent.status.profile_id != first, "its own profile")
    judged = agent.status.actions

    def is_judged() -> bool:
        now = agent.status
        return now.trust is not None and now.actions >= judged + 8

    agent.work(BORROWED, 60, until=is_judged)
    wait_until(is_judged, "it is judged")
    assert agent.status.state is not State.UNKNOWN_MOUSE
    agent.work(DESK, 1)
    wait_until(lambda: agent.status.profile_id == first, "and the first one by its own, too")
    agent.work(BORROWED, 1)
    wait_until(lambda: agent.status.profile_id not in ("", first), "whichever moves")
    assert agent.status.state is not State.UNKNOWN_MOUSE


def test_a_strangers_mouse_ends_where_policy_says(agent: Agent) -> None:
    agent.work(DESK, 2)
    agent.mice[STRANGERS].plug()
    time.sleep(0.6)
    began_s = time.monotonic()
    agent.work(STRANGERS, 150, until=lambda: agent.lock.times > 0)
    wait_until(lambda: agent.lock.times > 0, "policy's answer")
    assert time.monotonic() - began_s >= 6.0, "not before the minutes that policy gives"
    wait_until(lambda: agent.alerts("was not enrolled in"), "the alert that goes with the lock")
