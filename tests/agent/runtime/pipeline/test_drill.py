"""A drill measures a colleague, locks nothing, teaches nothing, and leaves the owner's trust as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.alert import AlertKind, Severity
from agent.config.schema import JudgementSettings, Settings
from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause
from agent.engine.profile import Profile
from agent.engine.sequential_test import Verdict
from agent.files.drill_log import read_drills
from agent.runtime.pipeline.decision import ReactionRules
from agent.runtime.pipeline.drill import DRILL_NS, Drill
from agent.runtime.pipeline.profile_selection import SelectedProfile
from agent.runtime.pipeline.protection import Protection
from tests.agent.runtime.conftest import INTRUDER, OWNER, Works
from tests.agent.runtime.fakes import MINUTE, MOUSE, SECOND, Bench, ScriptedProtection, a_profile, clicks

G, X = Verdict.GENUINE, Verdict.INTRUDER
ENFORCE = Settings(judgement=JudgementSettings(mode="enforce"))


def protecting(profile: Profile, works: Works) -> Protection:
    """The owner's protection after a minute of the owner."""
    made = Protection(profile, ReactionRules(may_lock=True))
    list(made.feed(works(OWNER, 3, seconds=60.0)))
    return made


def test_a_colleague_is_found_and_the_owners_protection_knows_nothing_of_it(
    owners_profile: Profile, works: Works
) -> None:
    owner = protecting(owners_profile, works)
    before = owner.trust_state
    events = works(INTRUDER, 5, seconds=60.0)
    drill = Drill(owners_profile, owner, int(events.t_ns[0]))
    drill.feed(events)
    drill.feed(Boundary(int(events.t_ns[-1]) + 2 * SECOND, Cause.GAP))
    end_ns = int(events.t_ns[-1]) + 3 * SECOND
    assert drill.is_over(end_ns)
    outcome = drill.outcome(end_ns, 1_780_000_000 * SECOND)
    assert outcome.found_s is not None
    assert 0 < outcome.found_s < 60
    assert outcome.found_actions is not None
    assert outcome.found_actions <= outcome.judged_actions
    assert owner.trust_state == before


def test_who_moves_like_the_owner_is_not_found_and_the_time_ends_it(
    owners_profile: Profile, works: Works
) -> None:
    owner = protecting(owners_profile, works)
    events = works(OWNER, 5, seconds=60.0)
    began_ns = int(events.t_ns[0])
    drill = Drill(owners_profile, owner, began_ns)
    drill.feed(events)
    assert not drill.is_over(began_ns + DRILL_NS - 1)
    assert drill.is_over(began_ns + DRILL_NS)
    outcome = drill.outcome(began_ns + DRILL_NS, 0)
    assert (outcome.found_s, outcome.seconds) == (None, 300.0)
    assert outcome.judged_actions > 20


def test_under_suspicion_there_is_no_drill(owners_profile: Profile, works: Works) -> None:
    owner = Protection(owners_profile, ReactionRules(may_lock=True))
    list(owner.feed(works(INTRUDER, 5, seconds=90.0)))
    assert owner.verdict is Verdict.INTRUDER
    with pytest.raises(SteadyhandError, match="no drill"):
        Drill(owners_profile, owner, 0)


class Stage:
    """A controller in front of scripted protections; the drill's has a script of its own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, *verdicts: Verdict) -> None:
        self.bench = Bench(folder, SelectedProfile(a_profile(), exact=True), (G,), ENFORCE)
        self.log = folder / "drills.jsonl"
        monkeypatch.setattr("agent.runtime.pipeline.session_cache.Protection", self.bench.protection)
        monkeypatch.setattr("agent.runtime.pipeline.drill.Protection", self._drills)
        self.bench.controller.drills._log_file = self.log
        self.bench.controller.use_mouse(MOUSE, 0)
        self._verdicts = verdicts
        self.drilled: list[ScriptedProtection] = []

    def _drills(self, _profile: Profile, rules: ReactionRules, *, before: Any) -> ScriptedProtection:
        endless = iter([*self._verdicts, *[self._verdicts[-1]] * 1000])
        self.drilled.append(ScriptedProtection(rules, endless, True))
        return self.drilled[-1]

    def at(self, seconds: int) -> None:
        """One action of whoever sits there, and the time."""
        self.bench.feed(clicks(1, seconds * SECOND))
        self.bench.owner.check_time((seconds + 1) * SECOND)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Stage]:
    tmp_path.chmod(0o700)
    return lambda *verdicts: Stage(tmp_path, monkeypatch, *verdicts)


def test_what_is_found_in_a_drill_is_recorded_as_a_drill_and_locks_nothing(
    stage: Callable[..., Stage],
) -> None:
    made = stage(G, X)
    made.at(0)
    made.bench.owner.begin_drill(2 * SECOND)
    assert made.bench.controller.status.in_drill
    for seconds in (3, 4):
        made.at(seconds)
    made.at(5)
    assert not made.bench.controller.status.in_drill
    assert made.bench.locks == []
    assert made.bench.kinds() == [AlertKind.DRILL, AlertKind.DRILL]
    assert {alert.severity for alert in made.bench.alerts} == {Severity.INFORMATIONAL}
    assert all(alert.detail["drill"] is True for alert in made.bench.alerts)
    assert made.bench.alerts[-1].detail["found_actions"] == 2
    (outcome,) = read_drills(made.log)
    assert (outcome.found_actions, outcome.judged_actions) == (2, 2)
    owner, (colleague,) = made.bench.made[0], made.drilled
    assert [len(protection.batches) for protection in (owner, colleague)] == [2, 2], "each saw its own hand"
    causes = [item.cause for item in owner.fed if isinstance(item, Boundary)]
    assert causes == [Cause.RULES_CHANGED, Cause.RULES_CHANGED]
    assert made.bench.controller.status.false_alarms == 0


def test_a_drill_ends_by_itself(stage: Callable[..., Stage]) -> None:
    made = stage(G)
    made.bench.owner.begin_drill(0)
    made.at(10)
    made.bench.owner.check_time(5 * MINUTE)
    assert not made.bench.controller.status.in_drill
    assert read_drills(made.log)[0].found_s is None
    assert "not found in 1 action" in made.bench.alerts[-1].message


@pytest.mark.parametrize("cause", [Cause.SCREEN_LOCKED, Cause.USER_SWITCH, Cause.PAUSED])
def test_a_lock_a_switch_or_a_pause_ends_it(stage: Callable[..., Stage], cause: Cause) -> None:
    made = stage(G)
    made.bench.owner.begin_drill(0)
    made.bench.feed(Boundary(SECOND, cause))
    assert not made.bench.controller.status.in_drill
    assert len(read_drills(made.log)) == 1


def test_without_a_profile_of_the_mouse_there_is_none(stage: Callable[..., Stage]) -> None:
    made = stage(G)
    made.bench.chosen = SelectedProfile(None)
    made.bench.controller.use_mouse(MOUSE, SECOND)
    made.bench.owner.begin_drill(2 * SECOND)
    assert not made.bench.controller.status.in_drill
    assert "No drill was begun" in made.bench.alerts[-1].message
    assert read_drills(made.log) == ()
