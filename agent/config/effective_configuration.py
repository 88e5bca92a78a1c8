"""Every setting with the value that holds and where it comes from: what `steadyhand status --policy` shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agent.config.loading import Configuration
from agent.config.options import all_options
from agent.config.schema import SENSITIVITIES
from agent.files.paths import Paths


@dataclass(frozen=True, slots=True)
class Effective:
    """One setting.

    Attributes
    ----------
    key : str
        ``section.name``.
    value : object
        A plain JSON value.
    source : str
        ``managed``, ``user``, ``recommended`` or ``default``.
    where : str
        The file or registry key; empty for a default.
    meaning : str
        For a sensitivity, what people feel.
    """

    key: str
    value: Any
    source: str
    where: str
    meaning: str


def effective_settings(configuration: Configuration, paths: Paths) -> Iterator[Effective]:
    """All settings, in the order of the sections."""
    for key, option in all_options().items():
        value = getattr(getattr(configuration.settings, option.section), option.name)
        source = configuration.source_of[key]
        where = str(paths.settings_file) if source == "user" else configuration.where_of.get(key, "")
        meaning = SENSITIVITIES[value].words if option.name == "sensitivity" else option.meaning
        yield Effective(key, list(value) if option.kind is tuple else value, source, where, meaning)


def policy_report(configuration: Configuration, paths: Paths) -> dict[str, Any]:
    """Everything as plain values: ``policy_hash``, ``problems`` and ``settings`` by key."""
    settings = {
        told.key: {"value": told.value, "source": told.source, "where": told.where, "meaning": told.meaning}
        for told in effective_settings(configuration, paths)
    }
    return {
        "policy_hash": configuration.policy_hash,
        "problems": list(configuration.problems),
        "settings": settings,
    }


def policy_lines(configuration: Configuration, paths: Paths) -> Iterator[str]:
    """The same for people, a line each."""
    told = list(effective_settings(configuration, paths))
    wide = max(len(one.key) for one in told)
    yield f"policy {configuration.policy_hash or 'none: this computer is not managed'}"
    for one in told:
        where = f"  ({one.where})" if one.where else ""
        yield f"{one.key:<{wide}}  {one.source:<11}  {_shown(one.value)}{where}"
    for problem in configuration.problems:
        yield f"not used: {problem}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(value) if isinstance(value, list) else "-" if value == "" else str(value)
