"""Five stops in the place of two figures: which of both holds."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from agent.config.effective_configuration import policy_lines, policy_report
from agent.config.loading import Configuration, load_configuration
from agent.config.options import all_options
from agent.config.schema import JudgementSettings, Settings
from agent.config.sections import parse_sections
from agent.config.sensitivity import SENSITIVITIES
from agent.engine.errors import SteadyhandError
from agent.files.paths import Paths
from tests.agent.config.test_loading import put_policy

UID = os.geteuid() if os.name != "nt" else 0


def load(paths: Paths) -> Configuration:
    return load_configuration(paths, required_uid=UID, strict=False)


def figures(judgement: JudgementSettings) -> tuple[float, float]:
    return judgement.false_locks_per_40h, judgement.false_alerts_per_40h


def test_the_built_in_figures_are_those_of_the_built_in_stop() -> None:
    built_in = Settings().judgement
    stop = SENSITIVITIES[built_in.sensitivity]
    assert figures(built_in) == (stop.false_locks_per_40h, stop.false_alerts_per_40h)
    assert built_in.mode == "shadow", "a new profile alerts and does not lock"


def test_there_are_five_stops_from_gentle_to_strict_within_the_bounds() -> None:
    options = all_options()
    locks = [stop.false_locks_per_40h for stop in SENSITIVITIES.values()]
    assert len(locks) == 5
    assert locks == sorted(set(locks))
    for stop in SENSITIVITIES.values():
        for name in ("false_locks_per_40h", "false_alerts_per_40h"):
            assert options[f"judgement.{name}"].parse(getattr(stop, name)) == getattr(stop, name)
        assert stop.false_alerts_per_40h > stop.false_locks_per_40h
        assert len(stop.words) > 20


def test_a_figure_beside_the_stop_beats_it() -> None:
    told = parse_sections({"judgement": {"sensitivity": "strict", "false_alerts_per_40h": 9}}, "p")
    assert told["judgement.false_locks_per_40h"] == SENSITIVITIES["strict"].false_locks_per_40h
    assert told["judgement.false_alerts_per_40h"] == 9.0


def test_a_managed_stop_beats_a_recommended_figure(paths: Paths) -> None:
    put_policy(paths.recommended_dir, {"judgement": {"false_locks_per_40h": 9}})
    assert figures(load(paths).settings.judgement) == (9.0, 5.0)
    put_policy(paths.managed_dir, {"judgement": {"sensitivity": "gentle"}})
    told = load(paths)
    assert figures(told.settings.judgement) == (0.25, 1.0)
    assert told.source_of["judgement.false_locks_per_40h"] == "managed"


def test_every_value_is_shown_with_where_it_comes_from(paths: Paths) -> None:
    file = put_policy(paths.managed_dir, {"judgement": {"sensitivity": "watchful"}})
    paths.config_dir.mkdir(parents=True)
    paths.settings_file.write_text("[response]\ncountdown_s = 7\n[judgement]\nmode = 'enforce'\n")
    told = load(paths)
    shown = policy_report(told, paths)
    assert shown["settings"].keys() == all_options().keys()
    assert shown["policy_hash"] == told.policy_hash
    settings = shown["settings"]
    assert settings["judgement.sensitivity"]["where"] == str(file)
    assert settings["judgement.sensitivity"]["meaning"] == SENSITIVITIES["watchful"].words
    assert settings["response.countdown_s"] | {"meaning": ""} == {
        "value": 7.0,
        "source": "user",
        "where": str(paths.settings_file),
        "meaning": "",
    }
    assert settings["judgement.mode"]["value"] == "shadow"
    assert json.loads(json.dumps(shown)) == shown
    lines = list(policy_lines(told, paths))
    assert any(line.startswith("judgement.mode ") and " default " in line for line in lines)
    assert "judgement.mode is for the administrator to set here" in lines[-1]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    paths = Paths.under(tmp_path)
    monkeypatch.setattr("agent.files.paths.Paths.of_user", classmethod(lambda cls: paths))
    return paths


def test_the_command_shows_it_without_a_running_agent(
    command: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    from agent.cli import main

    assert main(["status", "--policy", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["settings"]["judgement.mode"]["value"] == "shadow"
    put_policy(command.managed_dir, "{")
    assert main(["status", "--policy"]) == 1
    assert "not used: managed policy not used" in capsys.readouterr().out


@pytest.mark.parametrize("told", [{"judgement": {"\n": 1}}, {"a\nb": {}}, {"judgement": {"mode": "a\nb"}}])
def test_a_name_that_breaks_lines_is_refused_in_one(told: dict[str, object]) -> None:
    with pytest.raises(SteadyhandError) as raised:
        parse_sections(told, "p.json")
    assert "\n" not in str(raised.value)
