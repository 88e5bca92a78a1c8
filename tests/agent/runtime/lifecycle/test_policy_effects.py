"""A changed policy reaches every part that can take it up, and the worker last."""

from __future__ import annotations

from typing import Any

import pytest

from agent.alerts.alert import AlertKind
from agent.config.loading import Configuration
from agent.config.schema import AlertSettings, ResponseSettings, Settings
from agent.runtime.lifecycle.policy_effects import RunningPolicyEffects
from agent.runtime.lifecycle.restart import CHANGED_POLICY
from tests.agent.runtime.fakes import WORDING

SETTINGS = Settings(response=ResponseSettings(countdown_s=9.0), alerts=AlertSettings(heartbeat_rate=False))


class Part:
    """One part of the agent: notes every call with its name."""

    def __init__(self, name: str, calls: list[Any]) -> None:
        self._name, self._calls = name, calls

    def __getattr__(self, method: str) -> Any:
        def called(*args: Any, **named: Any) -> None:
            self._calls.append((self._name, method, *args, *named.values()))

        return called


@pytest.fixture
def calls() -> list[Any]:
    return []


@pytest.fixture
def effects(calls: list[Any]) -> RunningPolicyEffects:
    names = ("responder", "trainer", "heartbeat", "orders", "restarter")
    made = RunningPolicyEffects(WORDING, *(Part(name, calls) for name in names))  # type: ignore[arg-type]
    made.listen(lambda settings: calls.append(("listener", settings)))
    return made


def test_the_person_is_told_before_it_holds_and_the_stream_is_cut_last(
    effects: RunningPolicyEffects, calls: list[Any]
) -> None:
    configuration = Configuration(SETTINGS, {}, {}, "ef56", ())
    effects.apply_configuration(configuration)
    assert calls[0] == ("listener", SETTINGS)
    assert ("responder", "apply_settings", SETTINGS.response) in calls
    assert ("trainer", "apply_settings", SETTINGS) in calls
    assert ("heartbeat", "report_rate", False) in calls
    name, method, order = calls[-1]
    assert (name, method, order.configuration) == ("orders", "put", configuration)


def test_fetched_profiles_are_no_surprise_and_are_used(
    effects: RunningPolicyEffects, calls: list[Any]
) -> None:
    effects.profiles_fetched()
    assert [call[:2] for call in calls] == [("heartbeat", "accept_profiles"), ("orders", "put")]


def test_a_restart_says_why(effects: RunningPolicyEffects, calls: list[Any]) -> None:
    effects.request_restart()
    assert calls == [("restarter", "restart", CHANGED_POLICY)]


def test_what_the_folder_holds_is_reported(effects: RunningPolicyEffects, calls: list[Any]) -> None:
    effects.report(AlertKind.PROFILE_REJECTED, "its signature does not fit")
    ((name, method, alert),) = calls
    assert (name, method, alert.kind) == ("responder", "alert", AlertKind.PROFILE_REJECTED)
