"""Effective configuration: each setting with its value and source, for `steadyhand status --policy`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from agent.config.loading import Configuration
from agent.config.options import all_options, setting_of
from agent.config.profile_limits import OwnLimits, own_limits
from agent.config.sensitivity import SENSITIVITIES
from agent.files.keys import load_trust
from agent.files.paths import Paths


@dataclass(frozen=True, slots=True)
class Effective:
    """One setting.

    Attributes
    ----------
    key : str
        ``section.name``.
    current : object
        A plain JSON value.
    source : str
        ``managed``, ``user``, ``recommended`` or ``default``.
    where : str
        The file or registry key; empty for a default.
    meaning : str
        For a sensitivity, what people feel.
    """

    key: str
    current: Any
    source: str
    where: str
    meaning: str


def effective_settings(configuration: Configuration, paths: Paths) -> Iterator[Effective]:
    """All settings, in the order of the sections."""
    for key, option in all_options().items():
        setting_value = setting_of(configuration.settings, option)
        source = configuration.source_of[key]
        where = str(paths.settings_file) if source == "user" else configuration.where_of.get(key, "")
        meaning = SENSITIVITIES[setting_value].words if option.name == "sensitivity" else option.meaning
        yield Effective(
            key, list(setting_value) if option.kind is tuple else setting_value, source, where, meaning
        )


def policy_report(configuration: Configuration, paths: Paths) -> dict[str, Any]:
    """Everything as plain values: ``policy_hash``, ``problems``, ``settings`` by key, ``own_limits`` of profiles."""
    settings = {
        setting.key: {
            "value": setting.current,
            "source": setting.source,
            "where": setting.where,
            "meaning": setting.meaning,
        }
        for setting in effective_settings(configuration, paths)
    }
    return {
        "policy_hash": configuration.policy_hash,
        "problems": list(configuration.problems),
        "settings": settings,
        "own_limits": [asdict(limits) for limits in _own_limits(configuration, paths)],
    }


def policy_lines(configuration: Configuration, paths: Paths) -> Iterator[str]:
    """The same for people, a line each."""
    settings = list(effective_settings(configuration, paths))
    width = max(len(setting.key) for setting in settings)
    yield f"policy {configuration.policy_hash or 'none: this computer is not managed'}"
    for setting in settings:
        where = f"  ({setting.where})" if setting.where else ""
        yield f"{setting.key:<{width}}  {setting.source:<11}  {_shown(setting.current)}{where}"
    for limits in _own_limits(configuration, paths):
        yield limits.line(configuration.settings.judgement)
    for problem in configuration.problems:
        yield f"not used: {problem}"


def _own_limits(configuration: Configuration, paths: Paths) -> list[OwnLimits]:
    return list(own_limits(configuration.settings.judgement, paths, load_trust(paths, local=True)))


def _shown(setting_value: Any) -> str:
    if isinstance(setting_value, bool):
        return "true" if setting_value else "false"
    return (
        ", ".join(setting_value)
        if isinstance(setting_value, list)
        else "-"
        if setting_value == ""
        else str(setting_value)
    )
