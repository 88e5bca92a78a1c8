"""JSON decoder for everything that crosses a boundary: packets, files, answers of servers and of child processes.

What it returns can be stored and sent again: bounded in size and depth, UTF-8 without unpaired surrogates, no key
twice, numbers finite and integers of 64 bits. `Fields` then gives each field its type and range. Whatever is wrong is
a `ValueError` of one line.
"""

from __future__ import annotations

import json
import math
import re
from codecs import BOM_UTF8
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, NoReturn, TypeVar

MOST_DEPTH: Final = 32
LEAST_INTEGER: Final = -(1 << 63)
MOST_INTEGER: Final = (1 << 63) - 1
MOST_TEXT: Final = 16_384
IDENTIFIER: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:-]{0,127}")
"""Ids that travel in headers, file names and databases: no spaces, no line ends, no separators."""

_MOST_DIGITS: Final = 20
_MOST_FLOAT_TEXT: Final = 1024
_MOST_SHOWN: Final = 60
_E = TypeVar("_E", bound=Enum)


def decode_json(raw: bytes | str, most_bytes: int, most_depth: int = MOST_DEPTH) -> Any:
    """Decode one JSON document.

    Parameters
    ----------
    raw : bytes or str
        UTF-8, with or without byte order mark.
    most_bytes : int
        Limit of its size, checked before anything is decoded.
    most_depth : int
        Limit of nested lists and objects.

    Raises
    ------
    ValueError
        If it is not JSON, or exceeds a limit that the module names.
    """
    if len(raw) > most_bytes:
        raise ValueError(f"it has more than {most_bytes} bytes")
    try:
        text = raw.removeprefix(BOM_UTF8).decode() if isinstance(raw, bytes) else raw
        document = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_constant,
        )
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error.msg} at character {error.pos}") from error
    except RecursionError as error:
        raise ValueError(f"it nests deeper than {most_depth}") from error
    _check_tree(document, most_depth)
    return document


@dataclass(frozen=True, slots=True)
class Fields:
    """Typed access to the fields of one decoded object; every accessor raises ValueError that names the key.

    Attributes
    ----------
    document : dict
        As `decode_json` returned it.
    """

    document: dict[str, Any]

    @classmethod
    def of(
        cls, document: Any, *, required: Iterable[str] = (), optional: Iterable[str] | None = None
    ) -> Fields:
        """The fields of `document`.

        Parameters
        ----------
        document : object
        required : iterable of str
            Keys that must be there.
        optional : iterable of str or None
            Further keys that may be there; None allows any.

        Raises
        ------
        ValueError
            If it is not an object, a required key is missing, or a key is unknown.
        """
        if not isinstance(document, dict):
            raise ValueError("it is not an object")
        needed = frozenset(required)
        missing = sorted(needed - document.keys())
        if missing:
            raise ValueError(f"{missing[0]} is missing")
        unknown = [] if optional is None else sorted(document.keys() - needed - frozenset(optional))
        if unknown:
            raise ValueError(f"{brief(unknown[0])} is unknown")
        return cls(document)

    def integer(self, key: str, least: int = 0, most: int = MOST_INTEGER) -> int:
        """A whole number from `least` to `most`; true and false are none."""
        number = self._get(key)
        if type(number) is not int or not least <= number <= most:
            raise ValueError(f"{key} is {brief(number)}, not a whole number from {least} to {most}")
        return number

    def number(self, key: str, least: float, most: float) -> float:
        """A finite number from `least` to `most`."""
        number = self._get(key)
        if type(number) not in (int, float) or not least <= number <= most:
            raise ValueError(f"{key} is {brief(number)}, not a number from {least} to {most}")
        return float(number)

    def boolean(self, key: str) -> bool:
        """True or false, and nothing that merely counts as such."""
        flag = self._get(key)
        if type(flag) is not bool:
            raise ValueError(f"{key} is {brief(flag)}, neither true nor false")
        return flag

    def text(self, key: str, most: int = MOST_TEXT, pattern: re.Pattern[str] | None = None) -> str:
        """A text of at most `most` letters that matches `pattern` as a whole."""
        return _text(key, self._get(key), most, pattern)

    def identifier(self, key: str) -> str:
        """A text of the form `IDENTIFIER`."""
        return self.text(key, pattern=IDENTIFIER)

    def texts(self, key: str, most_count: int, most: int = MOST_TEXT) -> tuple[str, ...]:
        """A list of at most `most_count` texts."""
        return tuple(_text(key, text, most, None) for text in self.listed(key, most_count))

    def listed(self, key: str, most_count: int) -> list[Any]:
        """A list of at most `most_count` entries of any kind."""
        entries = self._get(key)
        if not isinstance(entries, list) or len(entries) > most_count:
            raise ValueError(f"{key} is {brief(entries)}, not a list of at most {most_count}")
        return entries

    def nested(self, key: str) -> Fields:
        """The fields of an object within this one."""
        inner = self._get(key)
        if not isinstance(inner, dict):
            raise ValueError(f"{key} is {brief(inner)}, not an object")
        return Fields(inner)

    def choice(self, key: str, choices: type[_E]) -> _E:
        """A member of an enumeration, by its JSON form: no number stands for another kind of number."""
        chosen = self._get(key)
        for member in choices:
            if (
                type(chosen) is (int if isinstance(member, int) else type(member.value))
                and member.value == chosen
            ):
                return member
        raise ValueError(f"{key} is {brief(chosen)}, not one of {len(choices)} known")

    def _get(self, key: str) -> Any:
        if key not in self.document:
            raise ValueError(f"{key} is missing")
        return self.document[key]


def _text(key: str, text: Any, most: int, pattern: re.Pattern[str] | None) -> str:
    if not isinstance(text, str) or len(text) > most:
        raise ValueError(f"{key} is {brief(text)}, not a text of at most {most} letters")
    if pattern is not None and not pattern.fullmatch(text):
        raise ValueError(f"{key} is {brief(text)}, not of the form {pattern.pattern}")
    return text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key is there twice")
    return document


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS or not LEAST_INTEGER <= int(digits) <= MOST_INTEGER:
        raise ValueError(f"the number {brief(digits)} does not fit 64 bits")
    return int(digits)


def _number(text: str) -> float:
    number = float(text) if len(text) <= _MOST_FLOAT_TEXT else math.inf
    if not math.isfinite(number):
        raise ValueError(f"the number {brief(text)} is not finite")
    return number


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _check_tree(document: Any, most_depth: int) -> None:
    """Refuse unpaired surrogates, which no file, database or socket takes, and too deep a nesting."""
    level = [document]
    for depth in range(most_depth + 1):
        deeper: list[Any] = []
        if depth == most_depth and any(isinstance(node, (list, dict)) for node in level):
            raise ValueError(f"it nests deeper than {most_depth}")
        for node in level:
            if isinstance(node, str):
                _check_encodable(node)
            elif isinstance(node, list):
                deeper += node
            elif isinstance(node, dict):
                deeper += node
                deeper += node.values()
        level = deeper


def _check_encodable(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("a text has an unpaired surrogate") from error


def brief(shown: Any) -> str:
    """The beginning of what was read, for an error text: printable, on one line."""
    text = repr(shown[:_MOST_SHOWN] if isinstance(shown, str) else shown)
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"
