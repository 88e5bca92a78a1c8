"""The worker on a fake clock: when it ends an action, what it obeys, and that it outlives blindness."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from agent.alerts.alert import AlertKind
from agent.config import schema as settings
from agent.config.loading import Configuration
from agent.config.schema import Settings
from agent.engine.events import Boundary, Cause, StreamItem
from agent.engine.mouse import MouseConfiguration
from agent.host.api import CannotSee
from agent.host.obstruction import CLEAR, Obstruction
from agent.host.ring import Ring
from agent.runtime.pipeline.orders import OrderQueue, WorkerOrder
from agent.runtime.pipeline.profile_selection import SelectedProfile
from agent.runtime.pipeline.worker import ACTION_POLL_S, CAPTURE_RETRY_S, HEARTBEAT_S, Worker, WorkerPorts
from agent.runtime.status.snapshot import Command, State, Status
from tests.agent.runtime.fakes import MINUTE, MOUSE, OTHER_MOUSE, SECOND, Bench, a_profile, clicks


class ScriptedRing(Ring):
    """A ring whose `wait` lets the test act: each act runs in the place of sleeping, on the worker's thread."""

    def __init__(self) -> None:
        super().__init__()
        self.acts: Iterator[object] = iter(())
        self.patience: list[float | None] = []
        self.rests: list[bool] = []

    def wait(self, timeout_s: float | None, *, resting: bool) -> bool:
        self.patience.append(timeout_s)
        self.rests.append(resting)
        next(self.acts)
        return True


class Eyes:
    """Stands in for the supervisor of capture; keeps back events until `sync`."""

    def __init__(self, ring: Ring) -> None:
        self.blind = ""
        self.is_cut = False
        self.is_alive = True
        self.in_the_way = CLEAR
        self.held_back: list[tuple[int, float, float, int, int]] = []
        self.calls: list[str] = []
        self._ring = ring

    def start(self) -> None:
        self.calls.append("start")
        if self.blind:
            raise CannotSee(self.blind)

    def sync(self) -> None:
        self.calls.append("sync")
        for event in self.held_back:
            self._ring.append(*event)
        self.held_back.clear()

    def obstruction(self) -> Obstruction:
        return self.in_the_way

    def check(self, events_seen: int) -> bool:
        self.calls.append("check")
        return not self.blind

    def stop(self) -> None:
        self.calls.append("stop")


class Stage:
    """A worker on fakes. `play` runs acts between its turns, then lets it quit."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, told: Settings | None = None) -> None:
        self.now_ns = 0
        self.bench = Bench(folder, SelectedProfile(a_profile(), exact=True), told=told)
        monkeypatch.setattr("agent.runtime.pipeline.session_cache.Protection", self.bench.protection)
        self.ring = ScriptedRing()
        self.eyes = Eyes(self.ring)
        self.shown: list[Status] = []
        self.beats: list[int] = []
        self.mouse: MouseConfiguration = MOUSE
        self.orders = OrderQueue(self.ring)
        self.worker = Worker(
            self.ring,
            self.eyes,  # type: ignore[arg-type]
            self.bench.controller,
            self.bench.owner,
            self.orders,
            WorkerPorts(self, self, self),
            lambda: self.now_ns,
        )

    def current(self) -> MouseConfiguration:
        return self.mouse

    def publish(self, status: Status) -> None:
        self.shown.append(status)

    def beat(self) -> None:
        self.beats.append(self.now_ns)

    def play(self, acts: Iterator[object]) -> None:
        def to_the_end() -> Iterator[object]:
            yield from acts
            self.orders.put(WorkerOrder(Command.QUIT))
            yield

        self.ring.acts = to_the_end()
        self.worker.start()
        assert self.worker.join(10), "the worker did not end"

    def click(self, t_ns: int) -> None:
        """One point-and-click from the hand; the clock stands at its end."""
        batch = clicks(1, t_ns)
        columns = (batch.t_ns, batch.x, batch.y, batch.kind, batch.button)
        for event in zip(*(column.tolist() for column in columns), strict=True):
            self.ring.append(*event)
        self.now_ns = int(batch.t_ns[-1])

    @property
    def fed(self) -> list[StreamItem]:
        return self.bench.made[0].fed

    def causes(self) -> list[Cause]:
        return [item.cause for item in self.fed if isinstance(item, Boundary)]


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(tmp_path / "recordings", monkeypatch)


def test_a_source_that_died_while_the_mouse_rests_is_looked_at_within_a_second(stage: Stage) -> None:
    asked: list[float | None] = []

    def acts() -> Iterator[object]:
        yield
        stage.eyes.is_alive = False
        yield
        asked.append(stage.worker._sleep_s())
        stage.now_ns += 1_000_000_000
        yield
        stage.eyes.is_alive = True

    stage.play(acts())
    assert asked[0] is not None
    assert 0 <= asked[0] <= 1.0
    assert "check" in stage.eyes.calls


def test_a_gap_ends_the_action_only_after_the_server_was_asked(stage: Stage) -> None:
    def acts() -> Iterator[object]:
        stage.click(SECOND)
        yield
        stage.now_ns += int(0.9 * SECOND)
        yield
        assert "sync" not in stage.eyes.calls
        late = stage.now_ns
        stage.eyes.held_back.append((late, 200.0, 50.0, 0, 0))
        stage.now_ns += int(0.3 * SECOND)
        yield
        assert stage.eyes.calls.count("sync") == 1
        assert stage.causes() == [], "the server still held an event back: the action goes on"
        stage.now_ns = late + int(1.1 * SECOND)
        yield
        assert stage.causes() == [Cause.GAP]
        stage.now_ns += 5 * SECOND
        yield

    stage.play(acts())
    assert stage.causes() == [Cause.GAP], "one gap for one rest"


def test_it_sleeps_without_a_timeout_of_its_own_while_the_mouse_rests(stage: Stage) -> None:
    def acts() -> Iterator[object]:
        yield
        stage.click(SECOND)
        yield
        stage.now_ns += 2 * SECOND
        yield

    stage.play(acts())
    to_the_beat_s = HEARTBEAT_S - stage.now_ns / 1e9
    assert stage.ring.patience[:4] == [HEARTBEAT_S, HEARTBEAT_S, ACTION_POLL_S, pytest.approx(to_the_beat_s)]
    assert stage.ring.rests[:4] == [True, True, False, True]


def test_it_gives_a_sign_of_life_every_minute_whatever_happens(stage: Stage) -> None:
    def acts() -> Iterator[object]:
        for _ in range(40):
            stage.now_ns += 5 * SECOND
            stage.click(stage.now_ns)
            yield
        stage.eyes.blind = "no display"
        for _ in range(20):
            stage.now_ns += 5 * SECOND
            yield
        stage.orders.put(WorkerOrder(Command.PAUSE))
        for _ in range(20):
            stage.now_ns += 5 * SECOND
            yield

    stage.play(acts())
    gaps = [b - a for a, b in pairwise(stage.beats)]
    assert len(stage.beats) >= 6
    assert max(gaps) < 1.1 * MINUTE


def test_a_pause_ends_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Settings(response=settings.ResponseSettings(pause_most_min=7))
    stage = Stage(tmp_path / "recordings", monkeypatch, told)

    def acts() -> Iterator[object]:
        stage.orders.put(WorkerOrder(Command.PAUSE))
        yield
        assert stage.bench.controller.status.state is State.PAUSED
        stage.now_ns = int(6.5 * MINUTE)
        stage.click(stage.now_ns)
        yield
        assert stage.bench.controller.status.state is State.PAUSED
        stage.now_ns = 7 * MINUTE
        yield
        assert stage.bench.controller.status.state is State.PROTECTING
        yield

    stage.play(acts())
    assert stage.causes()[:1] == [Cause.PAUSED]
    assert Cause.RESUMED in stage.causes()
    assert stage.bench.kinds() == [AlertKind.PAUSED]
    assert all(patience is not None and patience <= HEARTBEAT_S for patience in stage.ring.patience)


def test_it_executes_orders(stage: Stage) -> None:
    def acts() -> Iterator[object]:
        stage.orders.put(WorkerOrder(Command.PAUSE))
        stage.orders.put(WorkerOrder(Command.RESUME))
        stage.orders.put(WorkerOrder(Command.IT_WAS_ME))
        yield
        assert stage.bench.made[0].restarts == 1
        assert stage.bench.controller.status.state is State.PROTECTING
        stage.bench.chosen = SelectedProfile(a_profile(), exact=False)
        stage.orders.put(WorkerOrder(Command.RELOAD, OTHER_MOUSE))
        yield
        assert stage.bench.controller.status.state is State.UNKNOWN_MOUSE
        assert stage.bench.controller.enrolment is None
        stage.mouse = OTHER_MOUSE
        stage.orders.put(WorkerOrder(Command.ENROL))
        yield
        assert stage.bench.controller.enrolment is not None

    stage.play(acts())
    assert stage.eyes.calls[-1] == "stop"
    assert stage.worker.was_ordered_to_quit


def test_other_rules_are_a_boundary_in_the_stream_and_keep_trust(stage: Stage) -> None:
    enforced = Settings(judgement=settings.JudgementSettings(mode="enforce", no_evidence_alert_min=2.0))

    def acts() -> Iterator[object]:
        stage.click(0)
        yield
        rules = Configuration(enforced, {}, {}, "ef56", ())
        stage.orders.put(WorkerOrder(Command.RELOAD, configuration=rules))
        yield
        stage.click(SECOND)
        yield

    before = stage.bench.controller.status.mode
    stage.play(acts())
    first, second = stage.bench.made
    assert (before, stage.bench.controller.status.mode) == ("shadow", "enforce")
    assert isinstance(first.fed[-1], Boundary)
    assert first.fed[-1].cause is Cause.RULES_CHANGED
    assert (first.rules.may_lock, second.rules.may_lock) == (False, True)
    assert stage.bench.handed_on == [None, first]
    assert len(second.batches) == 1


def test_blind_from_the_start_it_lives_says_so_and_sees_again(stage: Stage) -> None:
    stage.eyes.blind = "DISPLAY is not set: start Steadyhand inside a graphical session"

    def acts() -> Iterator[object]:
        yield
        stage.now_ns += 6 * SECOND
        yield
        assert stage.bench.controller.status.state is State.CANNOT_SEE
        assert stage.eyes.calls.count("check") >= 1, "it keeps trying"
        stage.eyes.blind = ""
        stage.now_ns += 6 * SECOND
        yield
        assert stage.bench.controller.status.state is State.PROTECTING

    stage.play(acts())
    blind = [status for status in stage.shown if status.state is State.CANNOT_SEE]
    assert blind
    assert {status.trust for status in blind} == {None}
    assert blind[0].detail == "DISPLAY is not set: start Steadyhand inside a graphical session"
    assert CAPTURE_RETRY_S in stage.ring.patience


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_that_ends_it_is_told_from_an_order(stage: Stage) -> None:
    stage.eyes.check = lambda _events: 1 / 0  # type: ignore[method-assign,assignment,return-value]

    def acts() -> Iterator[object]:
        stage.now_ns += 2 * SECOND
        yield
        yield

    stage.ring.acts = acts()
    stage.worker.start()
    assert stage.worker.join(10)
    assert not stage.worker.was_ordered_to_quit
    assert not stage.worker.is_alive


def test_each_status_is_published_once(stage: Stage) -> None:
    def acts() -> Iterator[object]:
        for t in range(1, 4):
            stage.click(t * SECOND)
            yield
        yield
        yield

    stage.play(acts())
    assert all(before != after for before, after in zip(stage.shown, stage.shown[1:], strict=False))
    assert stage.shown[-1].events == 45


def test_an_error_that_ends_it_stands_in_the_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(tmp_path, monkeypatch)

    def fails(*_: object) -> None:
        raise RuntimeError("the compiled kernel is of another schema")

    monkeypatch.setattr(stage.bench.controller, "use_mouse", fails)
    with pytest.raises(RuntimeError):
        stage.worker._run()
    assert stage.shown[-1].state is State.FAILED
    assert stage.shown[-1].detail == "An error ended the agent: the compiled kernel is of another schema"
    assert stage.shown[-1].trust is None


def test_behind_an_administrators_window_it_cannot_see_and_alerts_after_policys_time(stage: Stage) -> None:
    reason = "An administrator's window is in front"

    def acts() -> Iterator[object]:
        yield
        for unseen_s in (2, 59, 61, 80):
            stage.eyes.in_the_way = Obstruction(reason, unseen_s * SECOND)
            stage.now_ns += 6 * SECOND
            yield
            assert stage.bench.controller.status.state is State.CANNOT_SEE
            assert stage.bench.controller.status.detail == reason
            about = [alert.message for alert in stage.bench.alerts if reason in alert.message]
            assert len(about) == int(unseen_s > 60)
        stage.eyes.in_the_way = Obstruction("", 70 * SECOND)
        stage.now_ns += 6 * SECOND
        yield
        assert stage.bench.controller.status.state is State.PROTECTING
        assert "more than 60 seconds" in about[0]

    stage.play(acts())
    assert stage.bench.made[0].restarts == 0
    assert CAPTURE_RETRY_S in stage.ring.patience
