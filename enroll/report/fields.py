"""Values out of a JSON object, checked: every error names the file, the key and what to do."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from agent.engine.errors import SteadyhandError
from agent.files.private import mendable

# No figure of a report is larger; whole numbers in JSON have no end.
MOST: Final = 1e15
_AGAIN = "write it again with `steadyhand-enroll evaluate … --json FILE`"


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object and where it is from.

    Attributes
    ----------
    where : str
        File, and the path of keys in it.
    values : mapping
    """

    where: str
    values: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> Fields:
        """The object in a file.

        Raises
        ------
        SteadyhandError
            If there is no JSON object in it, or a number in it is not finite.
        """
        with mendable(path, "read"):
            raw = path.read_bytes()
        return cls.parse(raw, str(path), _AGAIN)

    @classmethod
    def parse(cls, raw: bytes | str, where: str, mend: str) -> Fields:
        """The object in a text; raises as `read`."""

        def refuse(constant: str) -> NoReturn:
            raise SteadyhandError(f"{where}: {constant} is no figure", mend)

        try:
            values = json.loads(raw, parse_constant=refuse)
        except (ValueError, RecursionError) as error:
            raise SteadyhandError(f"{where} is not JSON", mend) from error
        if not isinstance(values, dict):
            raise SteadyhandError(f"{where} is not a JSON object", mend)
        return cls(where, values)

    def wrong(self, key: str, why: str) -> SteadyhandError:
        """The error about one key."""
        return SteadyhandError(f"{self.where}: {key} {why}", _AGAIN)

    def text(self, key: str, default: str | None = None) -> str:
        """A text."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "is not a text" if key in self.values else "is missing")
        return value

    def maybe(self, key: str, most: float = MOST, *, least: float = 0.0) -> float | None:
        """A number from `least` to `most`, or None where the run found none."""
        if key not in self.values:
            raise self.wrong(key, "is missing")
        value = self.values[key]
        return None if value is None else self._number(key, value, most, least)

    def number(self, key: str, most: float = MOST) -> float:
        """A number from 0 to `most`."""
        value = self.maybe(key, most)
        if value is None:
            raise self.wrong(key, "is empty")
        return value

    def whole(self, key: str) -> int:
        """A count."""
        value = self.number(key)
        if value != int(value):
            raise self.wrong(key, f"is {value}, not a whole number")
        return int(value)

    def pair(self, key: str) -> tuple[float, float] | None:
        """Both ends of an interval, or None."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or len(value) != 2:
            raise self.wrong(key, "is not a pair of numbers")
        low, high = (self._number(key, v, MOST, least=-MOST) for v in value)
        return low, high

    def by_name(self, key: str, most: float = MOST) -> dict[str, float | None]:
        """A number, or None, for each name."""
        inner = self.inner(key)
        return {name: inner.maybe(name, most) for name in inner.values}

    def inner(self, key: str) -> Fields:
        """An object within."""
        value = self.values.get(key)
        if not isinstance(value, dict):
            raise self.wrong(key, "is not an object" if key in self.values else "is missing")
        return Fields(f"{self.where}: {key}", value)

    def rows(self, key: str) -> list[Fields]:
        """A list of objects."""
        value = self.values.get(key)
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise self.wrong(key, "is not a list of objects")
        return [Fields(f"{self.where}: {key}[{i}]", row) for i, row in enumerate(value)]

    def _number(self, key: str, value: object, most: float, least: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, "is not a number")
        if not least <= value <= most or not math.isfinite(value):
            raise self.wrong(key, f"is {value}, which cannot be")
        return float(value)
