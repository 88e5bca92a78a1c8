"""Settings of the user and policies of the administrator, and which of them holds.

From strongest to weakest: managed policy, the signed policy that was fetched, the user's settings, recommended policy,
the built-in default. Where an administrator has managed this computer, the user's settings count for comfort only.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agent.config.options import all_options, build_settings
from agent.config.policy import read_policies
from agent.config.schema import Settings
from agent.config.sections import parse_sections
from agent.engine.errors import SteadyhandError
from agent.files.paths import Paths
from agent.files.private import read_settings

_MOST_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings that hold, and where each comes from.

    Attributes
    ----------
    settings : Settings
    source_of : mapping of str to str
        By ``section.key``: ``managed``, ``fetched``, ``user``, ``recommended`` or ``default``.
    where_of : mapping of str to str
        The file or registry key of every value that comes from a policy.
    policy_hash : str
        SHA-256 of the policies in use, in hexadecimal: the same policy gives the same hash on every
        computer. Empty without any.
    problems : tuple of str
        What was not used, and why: a line each. The caller raises an alert.
    fetched_sequence : int
        Of the signed policy that was fetched; -1 without one that is used.
    """

    settings: Settings
    source_of: Mapping[str, str]
    where_of: Mapping[str, str]
    policy_hash: str
    problems: tuple[str, ...]
    fetched_sequence: int = -1


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
    policies = read_policies(paths, required_uid)
    problems = list(policies.problems)
    user: Mapping[str, Any] = {}
    try:
        user = _read_user(paths.settings_file)
    except SteadyhandError as error:
        if strict:
            raise
        problems.append(str(error))
    managed, fetched = policies.managed, policies.fetched
    if managed.present or fetched.present:
        user, refused = _only_comfort(user, {**fetched.settings, **managed.settings})
        problems += [f"{paths.settings_file}: {key} is for the administrator to set here" for key in refused]
    chosen: dict[str, Any] = {}
    source_of = dict.fromkeys(all_options(), "default")
    weakest_first = (
        ("recommended", policies.recommended.settings),
        ("user", user),
        ("fetched", fetched.settings),
        ("managed", managed.settings),
    )
    for source, level_values in weakest_first:
        chosen |= level_values
        source_of |= dict.fromkeys(level_values, source)
    levels = policies.levels
    where_of = {key: levels[name].where_of[key] for key, name in source_of.items() if name in levels}
    return Configuration(
        build_settings(chosen), source_of, where_of, policies.sha256, tuple(problems), fetched.sequence
    )


def _read_user(path: Path) -> dict[str, Any]:
    """The user's settings; none where there is no file."""
    if not os.path.lexists(path):
        return {}
    text_bytes = read_settings(path, _MOST_BYTES)
    try:
        sections = tomllib.loads(text_bytes.decode())
    except (ValueError, RecursionError) as error:
        raise SteadyhandError(f"{path} is not TOML ({error})", "mend that line") from error
    return parse_sections(sections, str(path))


def _only_comfort(
    user: Mapping[str, Any], managed: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What the employee may set where an administrator manages, and the keys that are not theirs."""
    options = all_options()
    permitted = {key: setting_value for key, setting_value in user.items() if options[key].comfort}
    return permitted, tuple(key for key in user if key not in permitted and key not in managed)
