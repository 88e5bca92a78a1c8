"""Every setting with its kind and bounds, read off `agent.config.schema`: what values are checked by."""

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
            one = "one of" if self.kind is str else "a list of"
            return f"{one} {', '.join(self.choices)}"
        if self.shape:
            return self.shape
        if self.least is not None and self.most is not None:
            number = "a whole number" if self.kind is int else "a number"
            return f"{number} from {self.least:g} to {self.most:g}"
        return {int: "a whole number", float: "a number", str: "a text", tuple: "a list of texts"}[self.kind]

    def parse(self, value: Any) -> Any:
        """`value` as it came from TOML or JSON, as the setting wants it.

        Raises
        ------
        ValueError
            If it is of another kind or out of bounds; the message says what is allowed.
        """
        fits = {
            bool: lambda: isinstance(value, bool),
            int: lambda: type(value) is int,
            float: lambda: type(value) in (int, float) and math.isfinite(value),
            str: lambda: isinstance(value, str) and self._fits(value),
            tuple: lambda: isinstance(value, list) and self._all_texts(value),
        }
        if not fits[self.kind]() or not self._in_bounds(value):
            raise ValueError(f"{self.key} is {value!r}, but must be {self.allowed}")
        return self.kind(value)

    def _fits(self, value: str) -> bool:
        if self.choices:
            return value in self.choices
        return not self.pattern or re.fullmatch(self.pattern, value) is not None

    def _all_texts(self, values: list[Any]) -> bool:
        texts = all(isinstance(v, str) and (not self.choices or v in self.choices) for v in values)
        # Where any text may stand there may also be none; of choices one must be made.
        return (bool(values) or not self.choices) and texts and len(set(values)) == len(values)

    def _in_bounds(self, value: Any) -> bool:
        above = self.least is None or value >= self.least
        return above and (self.most is None or value <= self.most)


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
    return {name: (type(told).__doc__ or "").splitlines()[0] for name, told in _sections().items()}


def build_settings(values: Mapping[str, Any]) -> Settings:
    """Settings with the parsed `values` by key; what is not given keeps its default."""
    sections: dict[str, Any] = {}
    for section, defaults in _sections().items():
        names = [field.name for field in dataclasses.fields(defaults)]
        told = {name: values[f"{section}.{name}"] for name in names if f"{section}.{name}" in values}
        sections[section] = dataclasses.replace(defaults, **told)
    return Settings(**sections)


def _sections() -> dict[str, Any]:
    """Each section with its defaults."""
    settings = Settings()
    return {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}


def _option(section: str, field: dataclasses.Field[Any], kind: Any) -> Option:
    told = field.metadata
    return Option(
        section=section,
        name=field.name,
        kind=kind if isinstance(kind, type) and kind in (bool, int, float, str) else tuple,
        default=field.default,
        meaning=told["meaning"],
        least=told.get("least"),
        most=told.get("most"),
        choices=tuple(told.get("choices", ())),
        pattern=told.get("pattern", ""),
        shape=told.get("shape", ""),
        comfort=bool(told.get("comfort", False)),
    )
