"""Settings and policy: which holds, what is refused, and what is said about it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from agent.config.loading import Configuration, load_configuration
from agent.config.policy import parse_policy
from agent.config.schema import LOCKERS, Settings
from agent.engine.errors import SteadyhandError
from agent.files.paths import Paths

UID = os.geteuid() if os.name != "nt" else 0
SAFE = Settings()

Load: TypeAlias = Callable[..., Configuration]


@pytest.fixture
def load(paths: Paths) -> Load:
    """Load with policies that this test's user may own."""
    return lambda **how: load_configuration(paths, **{"required_uid": UID, **how})


@pytest.fixture
def user(paths: Paths) -> Callable[[str], Path]:
    """Write the user's settings."""

    def write(text: str) -> Path:
        paths.config_dir.mkdir(parents=True, exist_ok=True)
        paths.settings_file.write_text(text)
        return paths.settings_file

    return write


def put_policy(folder: Path, told: Any, name: str = "policy.json") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for part in (folder, folder.parent, folder.parent.parent):
        part.chmod(0o755)
    path = folder / name
    path.write_text(told if isinstance(told, str) else json.dumps(told))
    path.chmod(0o644)
    return path


def test_without_files_everything_is_built_in(load: Load, paths: Paths) -> None:
    told = load()
    assert told.settings == SAFE
    assert set(told.source_of.values()) == {"default"}
    assert told.source_of.keys() >= {"judgement.mode", "response.lockers", "alerts.syslog_port"}
    assert (told.policy_hash, told.problems) == ("", ())
    assert not paths.config_dir.exists()


def test_the_user_sets_what_no_policy_sets(load: Load, user: Callable[[str], Path]) -> None:
    user('[response]\ncountdown_s = 8\nlockers = ["i3lock"]\n[judgement]\nmode = "enforce"\n')
    told = load()
    assert told.settings.response.countdown_s == 8.0
    assert isinstance(told.settings.response.countdown_s, float)
    assert told.settings.response.lockers == ("i3lock",)
    assert told.settings.judgement.mode == "enforce"
    assert told.source_of["response.countdown_s"] == "user"
    assert told.source_of["response.pause_allowed"] == "default"
    assert told.problems == ()


def test_managed_beats_user_beats_recommended(load: Load, user: Callable[[str], Path], paths: Paths) -> None:
    put_policy(paths.managed_dir, {"response": {"countdown_s": 3}})
    put_policy(
        paths.recommended_dir, {"response": {"countdown_s": 4, "pause_allowed": False, "pause_most_min": 9}}
    )
    user("[response]\ncountdown_s = 5\npause_most_min = 6\n")
    told = load()
    response = told.settings.response
    assert (response.countdown_s, response.pause_most_min, response.pause_allowed) == (3.0, 6.0, False)
    names = ("countdown_s", "pause_most_min", "pause_allowed", "lockers")
    assert [told.source_of[f"response.{name}"] for name in names] == [
        "managed",
        "user",
        "recommended",
        "default",
    ]
    assert told.problems == ()


def test_where_an_administrator_manages_the_employee_sets_comfort_only(
    load: Load, user: Callable[[str], Path], paths: Paths
) -> None:
    user('[capture]\ntrust_synthetic = true\n[response]\ncountdown_s = 9\n[judgement]\nmode = "shadow"\n')
    assert load().settings.capture.trust_synthetic
    put_policy(paths.managed_dir, {"judgement": {"mode": "enforce"}})
    told = load()
    assert not told.settings.capture.trust_synthetic
    assert told.settings.judgement.mode == "enforce"
    assert told.settings.response.countdown_s == 9.0
    assert len(told.problems) == 1
    assert "capture.trust_synthetic is for the administrator to set here" in told.problems[0]


def test_later_names_win_within_a_folder_and_other_files_are_left_alone(load: Load, paths: Paths) -> None:
    put_policy(paths.managed_dir, {"response": {"countdown_s": 20, "pause_allowed": False}}, "10-all.json")
    put_policy(paths.managed_dir, {"response": {"countdown_s": 30}}, "20-site.json")
    put_policy(paths.managed_dir, "not JSON", "notes.txt")
    told = load()
    assert told.settings.response.countdown_s == 30.0
    assert not told.settings.response.pause_allowed
    assert told.problems == ()


def test_the_hash_names_what_is_in_force_and_not_how_it_is_written(load: Load, paths: Paths) -> None:
    put_policy(paths.managed_dir, '{"response": {"countdown_s": 3}, "judgement": {"mode": "enforce"}}')
    first = load().policy_hash
    put_policy(paths.managed_dir, '{"judgement":{"mode":"enforce"},\n "response":{"countdown_s":3.0}}')
    assert load().policy_hash == first
    assert len(first) == 64
    put_policy(paths.managed_dir, '{"judgement":{"mode":"enforce"}, "response":{"countdown_s":4}}')
    assert load().policy_hash not in ("", first)


BAD_POLICIES = [
    ('{"judgement": {"mode": "off"}}', "judgement.mode is 'off', but must be one of shadow, enforce"),
    ('{"judgement": {"modus": "enforce"}}', "there is no setting judgement.modus: judgement has mode,"),
    ('{"judging": {}}', "judging is not a section: use the sections judgement, response,"),
    ('{"judgement": 1}', "judgement is not a section"),
    ("[]", "not a table of sections"),
    ("{", "not a policy in JSON"),
    ("", "not a policy in JSON"),
    ("[" * 100_000, "not a policy in JSON"),
    ('{"judgement": {}, "judgement": {"mode": "enforce"}}', "a key is there twice"),
    ('{"judgement": {"mode": "enforce", "mode": "shadow"}}', "a key is there twice"),
    ('{"response": {"countdown_s": NaN}}', "NaN is no number"),
    ('{"response": {"countdown_s": 1e999}}', "the number '1e999' is not finite"),
    ('{"response": {"countdown_s": 61}}', "countdown_s is 61, but must be a number from 0 to 60"),
    ('{"response": {"countdown_s": -0.1}}', "countdown_s is -0.1, but must be"),
    ('{"response": {"countdown_s": true}}', "countdown_s is True, but must be"),
    ('{"response": {"countdown_s": "5"}}', "countdown_s is '5', but must be"),
    ('{"response": {"pause_allowed": 1}}', "pause_allowed is 1, but must be true or false"),
    ('{"response": {"lockers": "i3lock"}}', "lockers is 'i3lock', but must be a list of logind,"),
    ('{"response": {"lockers": ["rm"]}}', "lockers is ['rm'], but must be a list of"),
    ('{"response": {"lockers": [["i3lock"]]}}', "lockers is [['i3lock']], but must be a list of"),
    ('{"response": {"lockers": ["i3lock", "i3lock"]}}', "but must be a list of"),
    (
        '{"enrolment": {"actions": 1500.5}}',
        "actions is 1500.5, but must be a whole number from 100 to 100000",
    ),
    ('{"enrolment": {"actions": true}}', "actions is True, but must be a whole number"),
    ('{"alerts": {"syslog_host": 5}}', "syslog_host is 5, but must be a text"),
    ('{"alerts": {"syslog_host": null}}', "syslog_host is None, but must be a text"),
]


@pytest.mark.parametrize(("text", "reason"), BAD_POLICIES)
def test_a_bad_policy_is_told_and_not_used(load: Load, paths: Paths, text: str, reason: str) -> None:
    with pytest.raises(SteadyhandError) as raised:
        parse_policy(text.encode(), "p.json")
    assert reason in str(raised.value)
    assert str(raised.value).startswith("p.json")
    put_policy(paths.managed_dir, {"response": {"countdown_s": 20}}, "1-good.json")
    bad = put_policy(paths.managed_dir, text, "2-bad.json")
    told = load()
    assert told.settings == SAFE
    assert told.policy_hash == ""
    assert len(told.problems) == 1
    assert told.problems[0].startswith(f"managed policy not used: {bad}")
    assert reason in told.problems[0]
    assert "\n" not in told.problems[0]


def test_a_bad_policy_still_keeps_the_employee_to_comfort(
    load: Load, user: Callable[[str], Path], paths: Paths
) -> None:
    user("[capture]\ntrust_synthetic = true\n[response]\ncountdown_s = 9\n")
    put_policy(paths.managed_dir, "{")
    told = load()
    assert not told.settings.capture.trust_synthetic
    assert told.settings.response.countdown_s == 9.0
    assert len(told.problems) == 2


@pytest.mark.skipif(os.name == "nt", reason="mode bits and owners are POSIX's")
def test_a_policy_that_others_could_have_written_is_not_used(load: Load, paths: Paths) -> None:
    path = put_policy(paths.managed_dir, {"judgement": {"mode": "enforce"}})
    assert load().settings.judgement.mode == "enforce"
    for part, bits in ((path, 0o664), (path.parent, 0o777), (paths.administrators_dir, 0o757)):
        kept = part.stat().st_mode & 0o777
        part.chmod(bits)
        told = load()
        assert told.settings == SAFE
        assert "can be written by others" in told.problems[0]
        part.chmod(kept)
    told = load(required_uid=UID + 1)
    assert told.settings == SAFE
    assert "belongs to user number" in told.problems[0]
    assert load().problems == ()


def test_bad_recommendations_leave_managed_policy_in_force(load: Load, paths: Paths) -> None:
    put_policy(paths.managed_dir, {"judgement": {"mode": "enforce"}})
    put_policy(paths.recommended_dir, "{")
    told = load()
    assert told.settings.judgement.mode == "enforce"
    assert told.problems[0].startswith("recommended policy not used")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "[judgement]\nmode = 'off'\n",
            "judgement.mode is 'off', but must be one of shadow, enforce: mend the value",
        ),
        ("[judgement]\nmodus = 1\n", "there is no setting judgement.modus"),
        ("mode = 'enforce'\n", "mode is not a section"),
        ("[judgement\n", "is not TOML"),
        ("[judgement]\nmode = 'shadow'\nmode = 'enforce'\n", "is not TOML"),
        ("[response]\ncountdown_s = nan\n", "countdown_s is nan"),
        ("[response]\ncountdown_s = 2026-01-01\n", "but must be a number from 0 to 60"),
        ("\x00", "is not TOML"),
    ],
)
def test_bad_settings_are_an_error_that_names_file_and_key(
    load: Load, user: Callable[[str], Path], text: str, reason: str
) -> None:
    path = user(text)
    with pytest.raises(SteadyhandError) as raised:
        load()
    assert str(raised.value).startswith(str(path))
    assert reason in str(raised.value)
    told = load(strict=False)
    assert told.settings == SAFE
    assert told.problems == (str(raised.value),)


def test_settings_that_are_not_text_are_an_error(load: Load, user: Callable[[str], Path]) -> None:
    user("").write_bytes(b"\xff\xfe")
    with pytest.raises(SteadyhandError, match="is not TOML"):
        load()


def test_bounds_themselves_are_allowed(load: Load, user: Callable[[str], Path]) -> None:
    user("response.countdown_s = 0\nalerts.syslog_port = 65535\njudgement.false_locks_per_40h = 0.05\n")
    told = load().settings
    assert (
        told.response.countdown_s,
        told.alerts.setting("syslog_port"),
        told.judgement.false_locks_per_40h,
    ) == (
        0,
        65535,
        0.05,
    )
    assert told.response.lockers == LOCKERS
