"""The settings file that is printed for people to start from, and which of it is theirs."""

from __future__ import annotations

import tomllib

import pytest

from agent.cli import main
from agent.config.loading import load_configuration
from agent.config.options import all_options, section_meanings
from agent.config.settings_template import default_toml
from agent.files.paths import Paths


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config"]) == 0
    printed = capsys.readouterr().out
    assert printed == default_toml()
    assert (
        "# false locks that the owner may suffer per 40 hours of mouse use (a number from 0.05 to 20)"
        in printed
    )
    assert "# false_locks_per_40h = 1.0\n" in printed


def test_the_template_changes_nothing_until_a_key_is_uncommented(paths: Paths) -> None:
    paths.config_dir.mkdir(parents=True)
    paths.settings_file.write_text(default_toml(), encoding="utf-8")
    assert set(load_configuration(paths).source_of.values()) == {"default"}
    keys = [line[2:] for line in default_toml().splitlines() if line.startswith("# ") and " = " in line]
    assert len(keys) == len(all_options())
    full = "\n".join(line[2:] if line[2:] in keys else line for line in default_toml().splitlines())
    assert tomllib.loads(full).keys() == section_meanings().keys()
    paths.settings_file.write_text(full, encoding="utf-8")
    told = load_configuration(paths)
    assert set(told.source_of.values()) == {"user"}
    paths.settings_file.unlink()
    assert told.settings == load_configuration(paths).settings


def test_comfort_never_ends_protection() -> None:
    comfort = {key for key, option in all_options().items() if option.comfort}
    assert comfort == {"response.countdown_s", "response.pause_allowed", "response.pause_most_min"}
