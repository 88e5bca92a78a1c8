"""The whole agent on a scripted operating system: it starts, asks before it obeys, ends, and says how."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.alerts.alert import AlertKind
from agent.config.schema import Settings
from agent.engine.events import Boundary, Cause
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.version import ProgramVersion
from agent.host.api import CannotSee
from agent.host.null.services import NullMice, NullNotifier, NullSession, null_services
from agent.host.ring import Ring
from agent.runtime import app as app_module
from agent.runtime.app import App, build
from agent.runtime.status.snapshot import Command, State
from tests.agent.runtime.fakes import MOUSE

DEGRADED = "no mouse here: this is a test"


class QuietPointer:
    """A mouse that rests."""

    def start(self, ring: Ring) -> None:
        self.ring = ring

    def stop(self) -> None:
        """Nothing runs."""

    def is_alive(self) -> bool:
        return True

    def sync(self) -> None:
        """Nothing is held back."""


class OneMouse(NullMice):
    def __init__(self) -> None:
        self.closed = False

    def current(self):  # type: ignore[no-untyped-def]
        return MOUSE

    def watch(self, changed: Callable[[str], None]) -> None:
        self.changed = changed

    def close(self) -> None:
        self.closed = True


class Session(NullSession):
    stopped = False

    def start(
        self,
        on_boundary: Callable[[Boundary], None],
        on_deaf: Callable[[str], None],
        on_unseen_lock: Callable[[str], None],
    ) -> None:
        self.report, self.on_deaf = on_boundary, on_deaf

    def stop(self) -> None:
        self.stopped = True


class Owner:
    """Proves an identity, or does not."""

    authority = "a test"

    def __init__(self) -> None:
        self.proves = True
        self.asked: list[str] = []

    def available(self) -> bool:
        return True

    def confirm(self, why: str) -> bool:
        self.asked.append(why)
        return self.proves


class Desk:
    """A built agent with the services that it runs on."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, number: str = "0") -> None:
        self.paths = Paths.under(private_dir(folder / "root"))
        self.owner, self.session, self.mice = Owner(), Session(), OneMouse()
        host = replace(
            null_services(DEGRADED),
            pointer=QuietPointer,
            mice=self.mice,
            session=self.session,
            reauthentication=self.owner,
            notifier=NullNotifier(),
        )
        monkeypatch.setattr(app_module, "services", lambda *_, **__: host)
        monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
        self.app: App = build(
            self.paths, user="ada", hostname="desk-7", program=ProgramVersion(number, "a" * 40)
        )

    def alerts(self) -> list[str]:
        """The kinds on disk, in order."""
        if not self.paths.alerts_file.exists():
            return []
        lines = self.paths.alerts_file.read_text(encoding="utf-8").splitlines()
        return [json.loads(line)["unmapped"]["kind"] for line in lines]

    def until(self, holds: Callable[[], bool]) -> None:
        deadline_s = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < deadline_s, (self.app.status.status, self.alerts())
            time.sleep(0.005)

    def until_state(self, state: State) -> None:
        self.until(lambda: self.app.status.status.state is state)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk(tmp_path, monkeypatch)
    made.app.start()
    made.until_state(State.LEARNING)
    yield made
    made.app.stop()


def test_it_starts_ends_and_writes_both(desk: Desk) -> None:
    assert desk.app.stop() is True
    assert desk.alerts()[0] == AlertKind.STARTED.value
    assert desk.alerts()[-1] == AlertKind.STOPPED.value
    assert (desk.session.stopped, desk.mice.closed) == (True, True)
    assert not desk.app.ends_for_good


def test_what_is_degraded_stands_in_the_status(desk: Desk) -> None:
    notes = desk.app.status.status.notes
    assert DEGRADED in notes
    assert app_module.NO_RELAY_NOTE in notes


def test_a_proven_owner_pauses_and_resumes(desk: Desk) -> None:
    desk.app.request(Command.PAUSE)
    desk.until_state(State.PAUSED)
    assert desk.owner.asked == ["pause Steadyhand on this computer"]
    desk.app.request(Command.RESUME)
    desk.until_state(State.LEARNING)
    assert len(desk.owner.asked) == 1, "to go on watching nobody is asked"


def test_without_a_proof_nothing_happens(desk: Desk) -> None:
    desk.owner.proves = False
    desk.app.request(Command.QUIT)
    desk.until(lambda: bool(desk.owner.asked))
    time.sleep(0.05)
    assert desk.app.status.status.state is State.LEARNING
    assert AlertKind.QUIT.value not in desk.alerts()


def test_a_proven_owner_ends_it_and_that_is_reported_once(desk: Desk) -> None:
    desk.app.request(Command.QUIT)
    desk.app.wait()
    assert desk.app.stop() is True
    assert AlertKind.QUIT.value in desk.alerts()
    assert AlertKind.STOPPED.value not in desk.alerts()


def test_what_the_session_reports_reaches_the_state(desk: Desk) -> None:
    desk.session.report(Boundary(time.monotonic_ns(), Cause.SCREEN_LOCKED))
    desk.until_state(State.LOCKED)
    desk.session.on_deaf("the session bus is gone")
    assert "the session bus is gone" in desk.app.status.status.notes


def test_a_changed_setting_holds_without_a_new_start(desk: Desk) -> None:
    heard: list[Settings] = []
    desk.app.listen_settings(heard.append)
    private_dir(desk.paths.config_dir)
    desk.paths.settings_file.write_text("[judgement]\nmode = 'enforce'\n")
    desk.app._judgement.administration.take_policy()
    desk.until(lambda: desk.app.status.status.mode == "enforce")
    assert [settings.judgement.mode for settings in heard] == ["enforce"]
    assert desk.app.settings.judgement.mode == "enforce"


def test_a_run_that_was_killed_is_reported_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Desk(tmp_path, monkeypatch)
    first.app.start()
    first.until(lambda: AlertKind.STARTED.value in first.alerts())
    # What is left of a killed agent are its files.
    copied = tmp_path / "left"
    copied.write_bytes(first.paths.chain_file.read_bytes())
    first.app.stop()
    first.paths.chain_file.write_bytes(copied.read_bytes())
    second = Desk(tmp_path, monkeypatch)
    second.app.start()
    second.until(lambda: AlertKind.KILLED.value in second.alerts())
    second.app.stop()


def test_the_first_run_of_another_version_says_so_before_all_else_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in ("0.1.0", "0.2.0", "0.2.0"):
        desk = Desk(tmp_path, monkeypatch, number)
        desk.app.start()
        desk.until_state(State.LEARNING)
        desk.app.stop()
    started, stopped = AlertKind.STARTED.value, AlertKind.STOPPED.value
    lifecycle = [kind for kind in desk.alerts() if kind in (started, stopped, AlertKind.UPGRADED.value)]
    assert lifecycle == [started, stopped, "upgraded", started, stopped, started, stopped]


def test_an_error_that_ends_the_worker_is_told_from_an_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(QuietPointer):
        def start(self, ring: Ring) -> None:
            raise RuntimeError("a defect")

    desk = Desk(tmp_path, monkeypatch)
    monkeypatch.setattr(desk.app._capture.supervisor, "_make", Broken)
    monkeypatch.setattr("threading.excepthook", lambda _args: None)
    desk.app.start()
    desk.app.wait()
    assert desk.app.stop() is False


def test_without_a_mouse_to_see_it_lives_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Unseen(QuietPointer):
        def start(self, ring: Ring) -> None:
            raise CannotSee("there is no display")

    desk = Desk(tmp_path, monkeypatch)
    monkeypatch.setattr(desk.app._capture.supervisor, "_make", Unseen)
    desk.app.start()
    desk.until_state(State.CANNOT_SEE)
    assert desk.app.status.status.trust is None
    assert desk.app.stop() is True
