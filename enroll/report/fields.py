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
class ReportFields:
    """A JSON object and where it is from.

    Attributes
    ----------
    where : str
        File, and the path of keys in it.
    members : mapping
    """

    where: str
    members: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> ReportFields:
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
    def parse(cls, raw: bytes | str, where: str, mend: str) -> ReportFields:
        """The object in a text; raises as `read`."""

        def refuse(constant: str) -> NoReturn:
            raise SteadyhandError(f"{where}: {constant} is no figure", mend)

        try:
            members = json.loads(raw, parse_constant=refuse)
        except (ValueError, RecursionError) as error:
            raise SteadyhandError(f"{where} is not JSON", mend) from error
        if not isinstance(members, dict):
            raise SteadyhandError(f"{where} is not a JSON object", mend)
        return cls(where, members)

    def wrong(self, key: str, why: str) -> SteadyhandError:
        """The error about one key."""
        return SteadyhandError(f"{self.where}: {key} {why}", _AGAIN)

    def text(self, key: str, default: str | None = None) -> str:
        """A text."""
        text = self.members.get(key, default)
        if not isinstance(text, str):
            raise self.wrong(key, "is not a text" if key in self.members else "is missing")
        return text

    def maybe(self, key: str, most: float = MOST, *, least: float = 0.0) -> float | None:
        """A number from `least` to `most`, or None where the run found none."""
        if key not in self.members:
            raise self.wrong(key, "is missing")
        figure = self.members[key]
        return None if figure is None else self._number(key, figure, most, least)

    def number(self, key: str, most: float = MOST) -> float:
        """A number from 0 to `most`."""
        figure = self.maybe(key, most)
        if figure is None:
            raise self.wrong(key, "is empty")
        return figure

    def whole(self, key: str) -> int:
        """A count."""
        count = self.number(key)
        if count != int(count):
            raise self.wrong(key, f"is {count}, not a whole number")
        return int(count)

    def pair(self, key: str) -> tuple[float, float] | None:
        """Both ends of an interval, or None."""
        ends = self.members.get(key)
        if ends is None:
            return None
        if not isinstance(ends, list) or len(ends) != 2:
            raise self.wrong(key, "is not a pair of numbers")
        low, high = (self._number(key, v, MOST, least=-MOST) for v in ends)
        return low, high

    def by_name(self, key: str, most: float = MOST) -> dict[str, float | None]:
        """A number, or None, for each name."""
        inner = self.inner(key)
        return {name: inner.maybe(name, most) for name in inner.members}

    def inner(self, key: str) -> ReportFields:
        """An object within."""
        members = self.members.get(key)
        if not isinstance(members, dict):
            raise self.wrong(key, "is not an object" if key in self.members else "is missing")
        return ReportFields(f"{self.where}: {key}", members)

    def rows(self, key: str) -> list[ReportFields]:
        """A list of objects."""
        rows = self.members.get(key)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.wrong(key, "is not a list of objects")
        return [ReportFields(f"{self.where}: {key}[{i}]", row) for i, row in enumerate(rows)]

    def _number(self, key: str, number: object, most: float, least: float) -> float:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise self.wrong(key, "is not a number")
        if not least <= number <= most or not math.isfinite(number):
            raise self.wrong(key, f"is {number}, which cannot be")
        return float(number)
