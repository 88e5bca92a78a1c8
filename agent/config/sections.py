"""Settings as files hold them: nested in sections; as they are used: checked, by ``section.key``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from agent.alerts.further_destinations import KEY, further_destinations
from agent.config.options import all_options
from agent.config.sensitivity import SENSITIVITIES
from agent.engine.errors import SteadyhandError
from agent.files.options import Option

_SENSITIVITY: Final = "judgement.sensitivity"


def parse_sections(nested: Any, where: str) -> dict[str, Any]:
    """Nested values as parsed ones by key; everything unknown is refused.

    A sensitivity brings the figures that it stands for, unless they are told beside it.

    Parameters
    ----------
    nested : object
        What TOML, JSON or the system's policies gave.
    where : str
        The file, for error texts.

    Raises
    ------
    SteadyhandError
        If a section or key is unknown, or a value is bad.
    """
    options = all_options()
    sections = dict.fromkeys(option.section for option in options.values())
    if not isinstance(nested, dict):
        raise SteadyhandError(
            f"{where} is not a table of sections", f"use the sections {', '.join(sections)}"
        )
    by_key: dict[str, Any] = {}
    for section, entries in nested.items():
        if section not in sections or not isinstance(entries, dict):
            raise SteadyhandError(
                f"{where}: {_plain(section)} is not a section", f"use the sections {', '.join(sections)}"
            )
        for name, raw in entries.items():
            by_key[f"{section}.{name}"] = _parse_one(options, section, name, raw, where)
    _check_destinations(by_key.get(KEY, ()), where)
    return _spelt_out(by_key)


def _check_destinations(lines: Sequence[str], where: str) -> None:
    try:
        further_destinations(lines)
    except ValueError as error:
        raise SteadyhandError(f"{where}: {error}", "mend the value") from error


def _parse_one(options: Mapping[str, Option], section: str, name: str, raw: Any, where: str) -> Any:
    option = options.get(f"{section}.{name}")
    if option is None:
        known = ", ".join(o.name for o in options.values() if o.section == section)
        raise SteadyhandError(
            f"{where}: there is no setting {_plain(f'{section}.{name}')}", f"{section} has {known}"
        )
    try:
        return option.parse(raw)
    except ValueError as error:
        raise SteadyhandError(f"{where}: {error}", "mend the value") from error


def _plain(name: str) -> str:
    """A name out of a file for an error of one line, whatever is in it."""
    return name if name.isprintable() else ascii(name)


def _spelt_out(by_key: dict[str, Any]) -> dict[str, Any]:
    if _SENSITIVITY not in by_key:
        return by_key
    level = SENSITIVITIES[by_key[_SENSITIVITY]]
    figures = {
        "judgement.false_locks_per_40h": level.false_locks_per_40h,
        "judgement.false_alerts_per_40h": level.false_alerts_per_40h,
    }
    return figures | by_key
