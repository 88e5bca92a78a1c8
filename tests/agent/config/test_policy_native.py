"""Policies of Windows and macOS, on scripted stand-ins: neither system was at hand."""

from __future__ import annotations

import contextlib
import os
import plistlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.config.policy import read_policies
from agent.config.policy_native import preferences_values, registry_values
from agent.config.sections import parse_sections
from agent.engine.errors import SteadyhandError
from agent.files.paths import Paths

UID = os.geteuid() if os.name != "nt" else 0
TOP = r"Software\Policies\Steadyhand"


class FakeRegistry:
    """As much of `winreg` as is used; refuses any other hive."""

    HKEY_LOCAL_MACHINE = "HKLM"
    KEY_READ = 0x20019
    KEY_WOW64_64KEY = 0x0100

    def __init__(self, keys: dict[str, dict[str, Any]]) -> None:
        self._keys = keys

    @contextlib.contextmanager
    def OpenKey(
        self, hive: str, path: str, reserved: int, access: int
    ) -> Iterator[list[tuple[str, Any, int]]]:
        assert (hive, reserved, access) == ("HKLM", 0, 0x20119)
        if path not in self._keys:
            raise FileNotFoundError(path)
        values = self._keys[path]
        if values is None:
            raise PermissionError(13, "Access is denied")
        yield [(name, value, 1) for name, value in values.items()]

    def QueryInfoKey(self, key: list[tuple[str, Any, int]]) -> tuple[int, int, int]:
        return 0, len(key), 0

    def EnumValue(self, key: list[tuple[str, Any, int]], n: int) -> tuple[str, Any, int]:
        return key[n]


def test_the_registry_is_read_as_group_policy_writes_it() -> None:
    registry = FakeRegistry(
        {
            f"{TOP}\\judgement": {"mode": "enforce", "lock_on_estimate": 1, "false_locks_per_40h": "0.5"},
            f"{TOP}\\response": {"lockers": ["logind", "i3lock"], "pause_allowed": 0},
            f"{TOP}\\alerts": {"syslog_port": 6515},
        }
    )
    where, told = registry_values("", registry)
    assert where == f"HKLM\\{TOP}"
    assert parse_sections(told, where) == {
        "judgement.mode": "enforce",
        "judgement.lock_on_estimate": True,
        "judgement.false_locks_per_40h": 0.5,
        "response.lockers": ("logind", "i3lock"),
        "response.pause_allowed": False,
        "alerts.syslog_port": 6515,
    }
    assert registry_values("Recommended", registry)[1] == {}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"mode": "off"}, "judgement.mode is 'off'"),
        ({"lock_on_estimate": 2}, "lock_on_estimate is 2, but must be true or false"),
        ({"false_locks_per_40h": "many"}, "false_locks_per_40h is 'many'"),
        ({"false_locks_per_40h": "nan"}, "false_locks_per_40h is nan"),
        ({"modus": 1}, "there is no setting judgement.modus"),
    ],
)
def test_what_is_wrong_in_the_registry_is_named(values: dict[str, Any], reason: str) -> None:
    where, told = registry_values("", FakeRegistry({f"{TOP}\\judgement": values}))
    with pytest.raises(SteadyhandError) as raised:
        parse_sections(told, where)
    assert reason in str(raised.value)
    assert str(raised.value).startswith("HKLM")


def test_a_key_that_may_not_be_read_is_an_error() -> None:
    registry: Any = FakeRegistry({f"{TOP}\\judgement": None})  # type: ignore[dict-item]
    with pytest.raises(SteadyhandError, match="let this account read it"):
        registry_values("", registry)


@pytest.fixture
def preferences(paths: Paths) -> Path:
    path = paths.managed_preferences
    path.parent.mkdir(parents=True)
    path.parent.chmod(0o755)
    told = {"PayloadUUID": "x", "judgement": {"mode": "enforce", "false_locks_per_40h": 0.5}}
    path.write_bytes(plistlib.dumps(told, fmt=plistlib.FMT_BINARY))
    path.chmod(0o644)
    return path


def test_a_configuration_profile_is_managed_policy(paths: Paths, preferences: Path) -> None:
    told = read_policies(paths, UID, platform="darwin")
    managed, recommended = told.managed, told.recommended
    assert managed.settings == {"judgement.mode": "enforce", "judgement.false_locks_per_40h": 0.5}
    assert set(managed.where_of.values()) == {str(preferences)}
    assert (managed.problem, recommended.present) == ("", False)
    assert not read_policies(paths, UID, platform="linux").managed.present


@pytest.mark.parametrize("data", [b"", b"no", b"bplist00" + b"\xff" * 40, b"<plist>" * 5])
def test_a_bad_property_list_is_refused(paths: Paths, preferences: Path, data: bytes) -> None:
    preferences.write_bytes(data)
    managed = read_policies(paths, UID, platform="darwin").managed
    assert managed.present
    assert "is not a property list" in managed.problem


@pytest.mark.skipif(os.name == "nt", reason="owners and mode bits are POSIX's; Windows has access lists")
def test_preferences_that_others_could_have_written_are_refused(preferences: Path) -> None:
    preferences.chmod(0o666)
    with pytest.raises(SteadyhandError, match="can be written by others"):
        preferences_values(preferences, UID, 1000)


def test_on_macos_the_system_says_where_preferences_are() -> None:
    paths = Paths(Path("/a"), Path("/b"), Path("/Library/Application Support/Steadyhand"))
    assert paths.managed_preferences.parent == Path("/Library/Managed Preferences")
