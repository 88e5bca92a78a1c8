"""Settings as files hold them: nested in sections; as they are used: checked, by ``section.key``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from agent.config.further_destinations import KEY, further_destinations
from agent.config.options import Option, all_options
from agent.config.schema import SENSITIVITIES
from agent.engine.errors import SteadyhandError

_SENSITIVITY: Final = "judgement.sensitivity"


def parse_sections(told: Any, where: str) -> dict[str, Any]:
    """Nested values as parsed ones by key; everything unknown is refused.

    A sensitivity brings the figures that it stands for, unless they are told beside it.

    Parameters
    ----------
    told : object
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
    if not isinstance(told, dict):
        raise SteadyhandError(
            f"{where} is not a table of sections", f"use the sections {', '.join(sections)}"
        )
    values: dict[str, Any] = {}
    for section, entries in told.items():
        if section not in sections or not isinstance(entries, dict):
            raise SteadyhandError(
                f"{where}: {_plain(section)} is not a section", f"use the sections {', '.join(sections)}"
            )
        for name, value in entries.items():
            values[f"{section}.{name}"] = _parse_one(options, section, name, value, where)
    _check_destinations(values.get(KEY, ()), where)
    return _spelt_out(values)


def _check_destinations(lines: Sequence[str], where: str) -> None:
    try:
        further_destinations(lines)
    except ValueError as error:
        raise SteadyhandError(f"{where}: {error}", "mend the value") from error


def _parse_one(options: Mapping[str, Option], section: str, name: str, value: Any, where: str) -> Any:
    option = options.get(f"{section}.{name}")
    if option is None:
        known = ", ".join(o.name for o in options.values() if o.section == section)
        raise SteadyhandError(
            f"{where}: there is no setting {_plain(f'{section}.{name}')}", f"{section} has {known}"
        )
    try:
        return option.parse(value)
    except ValueError as error:
        raise SteadyhandError(f"{where}: {error}", "mend the value") from error


def _plain(name: str) -> str:
    """A name out of a file for an error of one line, whatever is in it."""
    return name if name.isprintable() else ascii(name)


def _spelt_out(values: dict[str, Any]) -> dict[str, Any]:
    if _SENSITIVITY not in values:
        return values
    stop = SENSITIVITIES[values[_SENSITIVITY]]
    figures = {
        "judgement.false_locks_per_40h": stop.false_locks_per_40h,
        "judgement.false_alerts_per_40h": stop.false_alerts_per_40h,
    }
    return figures | values
