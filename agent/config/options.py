"""Setting descriptions: type, bounds and default of each setting, read from `agent.config.schema`."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from agent.config.schema import Settings


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
            raise ValueError(f"{self.key} is {raw!r}, but must be {self.allowed}")
        return self.kind(raw)

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


def all_options() -> Mapping[str, Option]:
    """Every setting by its key, in the order of the sections."""
    options = (
        _option(section, field, hints[field.name])
        for section, defaults in _sections().items()
        for hints in (get_type_hints(type(defaults)),)
        for field in dataclasses.fields(defaults)
    )
    return {option.key: option for option in options}


def section_meanings() -> Mapping[str, str]:
    """What each section is about: the first line of its docstring."""
    return {name: (type(defaults).__doc__ or "").splitlines()[0] for name, defaults in _sections().items()}


def build_settings(by_key: Mapping[str, Any]) -> Settings:
    """Settings with the parsed `by_key` by key; what is not given keeps its default."""
    sections: dict[str, Any] = {}
    for section, defaults in _sections().items():
        names = [field.name for field in dataclasses.fields(defaults)]
        given_fields = {name: by_key[f"{section}.{name}"] for name in names if f"{section}.{name}" in by_key}
        sections[section] = dataclasses.replace(defaults, **given_fields)
    return Settings(**sections)


def _sections() -> dict[str, Any]:
    """Each section with its defaults."""
    settings = Settings()
    return {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}


def _option(section: str, field: dataclasses.Field[Any], kind: Any) -> Option:
    metadata = field.metadata
    return Option(
        section=section,
        name=field.name,
        kind=kind if isinstance(kind, type) and kind in (bool, int, float, str) else tuple,
        default=field.default,
        meaning=metadata["meaning"],
        least=metadata.get("least"),
        most=metadata.get("most"),
        choices=tuple(metadata.get("choices", ())),
        pattern=metadata.get("pattern", ""),
        shape=metadata.get("shape", ""),
        comfort=bool(metadata.get("comfort", False)),
    )
