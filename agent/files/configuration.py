"""Settings of the user and policies of the administrator, and which of them holds.

From strongest to weakest: managed policy, the user's settings, recommended policy, the built-in default.
Where an administrator has managed this computer, the user's settings count for comfort only.
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from agent.engine.errors import SteadyhandError
from agent.engine.settings import Settings
from agent.files.administrators import list_administrators, read_administrators
from agent.files.archive import canonical
from agent.files.options import Option, all_options, build_settings
from agent.files.paths import Paths
from agent.files.private import read_settings

_MOST_BYTES: Final = 1 << 20
_BUILT_IN: Final = "the built-in defaults are used in its place"


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings that hold, and where each comes from.

    Attributes
    ----------
    settings : Settings
    source_of : mapping of str to str
        By ``section.key``: ``managed``, ``user``, ``recommended`` or ``default``.
    policy_hash : str
        SHA-256 of the policies in use, in hexadecimal: the same policy gives the same hash on every
        computer. Empty without any.
    problems : tuple of str
        What was not used, and why: a line each. The caller raises an alert.
    """

    settings: Settings
    source_of: Mapping[str, str]
    policy_hash: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Policy:
    """One level of policy: its values, and whether an administrator meant there to be any."""

    values: Mapping[str, Any] = field(default_factory=dict)
    present: bool = False
    problem: str = ""


def load_configuration(paths: Paths, *, required_uid: int = 0, strict: bool = True) -> Configuration:
    """Read policies and settings.

    Parameters
    ----------
    paths : Paths
    required_uid : int
        Who must own the policies; anything but root is for tests.
    strict : bool
        With False, bad settings of the user become a problem like bad policies: the running agent
        must not be stopped by an edit.

    Raises
    ------
    SteadyhandError
        If `strict` and the user's settings have an unknown key or a bad value. Bad policies never raise.
    """
    managed = _read_policy(paths.managed_dir, paths.administrators_dir, required_uid)
    recommended = _read_policy(paths.recommended_dir, paths.administrators_dir, required_uid)
    problems = [policy.problem for policy in (managed, recommended) if policy.problem]
    user: Mapping[str, Any] = {}
    try:
        user = _read_user(paths.settings_file)
    except SteadyhandError as error:
        if strict:
            raise
        problems.append(str(error))
    if managed.present:
        user, refused = _only_comfort(user, managed.values)
        problems += [f"{paths.settings_file}: {key} is for the administrator to set here" for key in refused]
    levels = (("recommended", recommended.values), ("user", user), ("managed", managed.values))
    values: dict[str, Any] = {}
    source_of = dict.fromkeys(all_options(), "default")
    for source, told in levels:
        values |= told
        source_of |= dict.fromkeys(told, source)
    policies = {"managed": dict(managed.values), "recommended": dict(recommended.values)}
    return Configuration(build_settings(values), source_of, _hash(policies), tuple(problems))


def parse_policy(data: bytes, where: str) -> dict[str, Any]:
    """The values of one policy file by ``section.key``.

    Raises
    ------
    SteadyhandError
        If it is not JSON, has a key twice, an unknown key, or a bad value.
    """
    try:
        told = json.loads(data, object_pairs_hook=_no_key_twice)
    except (ValueError, RecursionError) as error:
        raise SteadyhandError(f"{where} is not a policy in JSON ({error})", "mend the file") from error
    return _parse(told, where)


def _read_policy(folder: Path, top: Path, required_uid: int) -> _Policy:
    """All files of one level, later names over earlier ones. One bad file, and the level is not used."""
    try:
        files = list_administrators(folder, top, required_uid, ".json")
        values: dict[str, Any] = {}
        for path in files:
            values |= parse_policy(read_administrators(path, top, required_uid, _MOST_BYTES), str(path))
        return _Policy(values, bool(files))
    except SteadyhandError as error:
        return _Policy(present=True, problem=f"{folder.name} policy not used: {error}; {_BUILT_IN}")


def _read_user(path: Path) -> dict[str, Any]:
    """The user's settings; none where there is no file."""
    if not os.path.lexists(path):
        return {}
    data = read_settings(path, _MOST_BYTES)
    try:
        told = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise SteadyhandError(f"{path} is not TOML ({error})", "mend that line") from error
    return _parse(told, str(path))


def _parse(told: Any, where: str) -> dict[str, Any]:
    """Nested values as parsed ones by key; everything unknown is refused."""
    options = all_options()
    sections = dict.fromkeys(option.section for option in options.values())
    if not isinstance(told, dict):
        raise SteadyhandError(
            f"{where} is not a table of sections", f"use the sections {', '.join(sections)}"
        )
    values: dict[str, Any] = {}
    for section, entries in told.items():
        if section not in sections or not isinstance(entries, dict):
            raise SteadyhandError(
                f"{where}: {section} is not a section", f"use the sections {', '.join(sections)}"
            )
        for name, value in entries.items():
            values[f"{section}.{name}"] = _parse_one(options, section, name, value, where)
    return values


def _parse_one(options: Mapping[str, Option], section: str, name: str, value: Any, where: str) -> Any:
    option = options.get(f"{section}.{name}")
    if option is None:
        known = ", ".join(o.name for o in options.values() if o.section == section)
        raise SteadyhandError(f"{where}: there is no setting {section}.{name}", f"{section} has {known}")
    try:
        return option.parse(value)
    except ValueError as error:
        raise SteadyhandError(f"{where}: {error}", "mend the value") from error


def _only_comfort(
    user: Mapping[str, Any], managed: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What the employee may set where an administrator manages, and the keys that are not theirs."""
    options = all_options()
    heard = {key: value for key, value in user.items() if options[key].comfort}
    return heard, tuple(key for key in user if key not in heard and key not in managed)


def _hash(policies: Mapping[str, Mapping[str, Any]]) -> str:
    if not any(policies.values()):
        return ""
    return hashlib.sha256(canonical(policies)).hexdigest()


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ValueError("a key is there twice")
    return told
