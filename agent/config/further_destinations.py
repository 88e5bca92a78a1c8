"""Further destinations of alerts: a line each, with the keys of `[alerts]` in it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from agent.config.options import Option, all_options
from agent.config.schema import AlertSettings

KEY: Final = "alerts.more"

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_KEYS: Final = re.compile(r"(syslog|splunk|webhook|otlp|http)_[a-z_]+")
_FIRST: Final = ("syslog_host", "splunk_url", "webhook_url", "otlp_url")


def further_destinations(lines: Sequence[str]) -> tuple[tuple[str, AlertSettings], ...]:
    """The name of each further destination, and settings that ask for it alone.

    Parameters
    ----------
    lines : sequence of str
        ``NAME key=value …``, with the keys of `[alerts]` that begin with syslog, splunk, webhook, otlp or http; a value
        with a space in it in quotes, as a shell takes it. What a line does not say is as built in.

    Raises
    ------
    ValueError
        If a line has no name, a name is there twice, or a key or value is wrong.
    """
    destinations = tuple(_destination(line) for line in lines)
    names = [name for name, _ in destinations]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{KEY} names {twice[0]} twice; every destination needs a name of its own")
    return destinations


def _destination(line: str) -> tuple[str, AlertSettings]:
    try:
        name, *pairs = shlex.split(line.replace("\n", " ")) or [""]
    except ValueError as error:
        raise ValueError(f"{KEY}: {line!r} cannot be read ({error})") from error
    if not _NAME.fullmatch(name):
        raise ValueError(f"{KEY}: {name!r} must be a name of lower-case letters, digits and -, at most 32")
    settings = dict(_values(name, pairs))
    addresses = [key for key in _FIRST if settings.get(key)]
    if len(addresses) != 1:
        raise ValueError(f"{KEY}: {name} must have exactly one of {', '.join(_FIRST)}")
    return name, replace(AlertSettings(), **settings)


def _values(name: str, pairs: Sequence[str]) -> Iterator[tuple[str, Any]]:
    options = all_options()
    for pair in pairs:
        key, equals, text = pair.partition("=")
        option = options.get(f"alerts.{key}") if _KEYS.fullmatch(key) else None
        if option is None or not equals:
            raise ValueError(f"{KEY}: {name} has {pair!r}, which is no key=value of a destination")
        try:
            yield key, option.parse(_read(option, text))
        except ValueError as error:
            raise ValueError(f"{KEY}: {name}: {error}") from error


def _read(option: Option, text: str) -> Any:
    return int(text) if option.kind is int and text.isdecimal() else text
