"""Settings fields: declares a setting in a dataclass, with its meaning and bounds, and reads the declaration back.

The sections of `agent.config.schema` and the settings of each transport of alerts are declared with it.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, get_type_hints

from agent.files.decode import brief


def setting(default: Any, meaning: str, **bounds: Any) -> Any:
    """A field with its meaning, bounds (`least`, `most`, `choices`, `pattern`), and `comfort`, as metadata.

    `comfort` marks what the employee may set even where an administrator manages the computer. `pattern` is
    a regular expression that the whole text must match, with `shape` to say it in words.
    """
    return field(default=default, metadata={"meaning": meaning, **bounds})


ADDRESS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pattern": r"(https://([A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?(/[!-~]*)?"
        r"|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?(/[!-~]*)?)?",
        "shape": "an https:// address (http:// only to this computer), or empty",
    }
)
PROXY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pattern": r"(http://([A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?/?)?",
        "shape": "an http:// address of a proxy, without a path, or empty",
    }
)

_NUMBER: Final = {int: re.compile(r"-?[0-9]{1,15}"), float: re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")}


@dataclass(frozen=True, slots=True)
class Option:
    """One setting.

    Attributes
    ----------
    section, name : str
    kind : type
        bool, int, float, str, or tuple for a list of texts.
    default : object
    meaning : str
    least, most : float or None
        Bounds of a number, themselves allowed.
    choices : tuple of str
        The texts that are allowed; empty for any.
    pattern, shape : str
        What a text must match as a whole, as a regular expression and in words; empty for any.
    comfort : bool
        True where the employee may set it even under an administrator's policy that does not.
    """

    section: str
    name: str
    kind: type
    default: Any
    meaning: str
    least: float | None
    most: float | None
    choices: tuple[str, ...]
    pattern: str
    shape: str
    comfort: bool

    @property
    def key(self) -> str:
        """``section.name``."""
        return f"{self.section}.{self.name}"

    @property
    def allowed(self) -> str:
        """What may be given, in words."""
        if self.kind is bool:
            return "true or false"
        if self.choices:
            article = "one of" if self.kind is str else "a list of"
            return f"{article} {', '.join(self.choices)}"
        if self.shape:
            return self.shape
        if self.least is not None and self.most is not None:
            number = "a whole number" if self.kind is int else "a number"
            return f"{number} from {self.least:g} to {self.most:g}"
        return {int: "a whole number", float: "a number", str: "a text", tuple: "a list of texts"}[self.kind]

    def parse(self, raw: Any) -> Any:
        """`raw` as it came from TOML or JSON, as the setting wants it.

        Raises
        ------
        ValueError
            If it is of another kind or out of bounds; the message says what is allowed.
        """
        fits = {
            bool: lambda: isinstance(raw, bool),
            int: lambda: type(raw) is int,
            float: lambda: type(raw) in (int, float) and math.isfinite(raw),
            str: lambda: isinstance(raw, str) and self._fits(raw),
            tuple: lambda: isinstance(raw, list) and self._all_texts(raw),
        }
        if not fits[self.kind]() or not self._in_bounds(raw):
            raise ValueError(f"{self.key} is {brief(raw)}, but must be {self.allowed}")
        return self.kind(raw)

    def parse_text(self, text: str) -> Any:
        """As `parse`, for a place where everything is text: a line of further destinations.

        A truth value is ``true`` or ``false``; the texts of a list are separated by commas.
        """
        if self.kind is bool:
            return self.parse({"true": True, "false": False}.get(text, text))
        if self.kind is tuple:
            return self.parse(text.split(",") if text else [])
        is_number = self.kind in (int, float) and _NUMBER[self.kind].fullmatch(text)
        return self.parse(self.kind(text) if is_number else text)

    def _fits(self, text: str) -> bool:
        if self.choices:
            return text in self.choices
        return not self.pattern or re.fullmatch(self.pattern, text) is not None

    def _all_texts(self, entries: list[Any]) -> bool:
        texts = all(isinstance(v, str) and (not self.choices or v in self.choices) for v in entries)
        # Where any text may stand there may also be none; of choices one must be made.
        return (bool(entries) or not self.choices) and texts and len(set(entries)) == len(entries)

    def _in_bounds(self, number: Any) -> bool:
        above = self.least is None or number >= self.least
        return above and (self.most is None or number <= self.most)


def options_of(section: str, settings_class: type) -> tuple[Option, ...]:
    """The settings that a dataclass declares, in order; fields that were not made by `setting` are left out."""
    hints = get_type_hints(settings_class)
    return tuple(
        _option(section, declared, hints[declared.name])
        for declared in dataclasses.fields(settings_class)
        if "meaning" in declared.metadata
    )


def _option(section: str, declared: dataclasses.Field[Any], kind: Any) -> Option:
    metadata = declared.metadata
    return Option(
        section=section,
        name=declared.name,
        kind=kind if isinstance(kind, type) and kind in (bool, int, float, str) else tuple,
        default=declared.default,
        meaning=metadata["meaning"],
        least=metadata.get("least"),
        most=metadata.get("most"),
        choices=tuple(metadata.get("choices", ())),
        pattern=metadata.get("pattern", ""),
        shape=metadata.get("shape", ""),
        comfort=bool(metadata.get("comfort", False)),
    )
