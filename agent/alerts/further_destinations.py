"""Further destinations of alerts: a line each, with the keys of `[alerts]` in it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent.alerts.settings import SECTION, transport_settings
from agent.alerts.transports.kind import TransportKind
from agent.alerts.transports.registry import transport_kinds
from agent.files.options import Option, options_of

KEY: Final = "alerts.more"

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True)
class FurtherDestination:
    """One line of `alerts.more`.

    Attributes
    ----------
    name : str
    kind : TransportKind
    settings : object
        Of the kind's class.
    """

    name: str
    kind: TransportKind
    settings: Any


def further_destinations(lines: Sequence[str]) -> tuple[FurtherDestination, ...]:
    """Each line as a destination.

    Parameters
    ----------
    lines : sequence of str
        ``NAME key=value …``, with the keys of `[alerts]` that belong to transports; a value with a space in it in
        quotes, as a shell takes it. What a line does not say is as built in.

    Raises
    ------
    ValueError
        If a line has no name, a name is there twice, or a key or value is wrong.
    """
    destinations = tuple(_destination(line) for line in lines)
    names = [destination.name for destination in destinations]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{KEY} names {twice[0]} twice; every destination needs a name of its own")
    return destinations


def _destination(line: str) -> FurtherDestination:
    try:
        name, *pairs = shlex.split(line.replace("\n", " ")) or [""]
    except ValueError as error:
        raise ValueError(f"{KEY}: {line!r} cannot be read ({error})") from error
    if not _NAME.fullmatch(name):
        raise ValueError(f"{KEY}: {name!r} must be a name of lower-case letters, digits and -, at most 32")
    by_name = dict(_parsed(name, pairs))
    kinds = [kind for kind in transport_kinds().values() if not kind.single]
    wanted = [kind for kind in kinds if by_name.get(kind.switch)]
    if len(wanted) != 1:
        switches = ", ".join(kind.switch for kind in kinds)
        raise ValueError(f"{KEY}: {name} must have exactly one of {switches}")
    return FurtherDestination(name, wanted[0], transport_settings(wanted[0], by_name))


def _parsed(name: str, pairs: Sequence[str]) -> Iterator[tuple[str, Any]]:
    options = _options()
    for pair in pairs:
        key, equals, text = pair.partition("=")
        option = options.get(key)
        if option is None or not equals:
            raise ValueError(f"{KEY}: {name} has {pair!r}, which is no key=value of a destination")
        try:
            yield key, option.parse_text(text)
        except ValueError as error:
            raise ValueError(f"{KEY}: {name}: {error}") from error


def _options() -> dict[str, Option]:
    kinds = (kind for kind in transport_kinds().values() if not kind.single)
    return {option.name: option for kind in kinds for option in options_of(SECTION, kind.settings)}
