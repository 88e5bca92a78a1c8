"""Table exports of Splunk and Microsoft Sentinel: rows of CSV files, and columns that hold JSON as text. Pure."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity

RAW: Final = "_raw"
WHOLE: Final = frozenset(("finding_info", "metadata"))
"""Columns of a table that has the parts of an event beside one another."""
_PARTS_OF_PARTS: Final = ("finding_info", "metadata", "unmapped")
_TEXTS: Final = frozenset(
    (
        "message",
        "severity",
        "activity_name",
        "category_name",
        "class_name",
        "type_name",
        "status",
        "confidence",
        "risk_level",
    )
)

Row = dict[str, str]


class BadRow(ValueError):
    """A row of a CSV file that is none; the rows after it are not read."""


def entries_of(lines: Iterable[str]) -> Iterator[tuple[int, str | Row | BadRow]]:
    """The number and text of each line that is not empty, or, of a CSV file, the last line of each row and its columns.

    Raises
    ------
    SteadyhandError
        If it is a CSV file without whole events.
    """
    numbered = enumerate(lines, 1)
    for at, line in numbered:
        if not line.strip():
            continue
        header = _header(line)
        if header is None:
            yield at, line
            yield from ((number, text) for number, text in numbered if text.strip())
        else:
            yield from _rows(header, at, (line for _, line in numbered))
        return


def _header(line: str) -> list[str] | None:
    """The columns, where the first line is a CSV file's of events."""
    text = line.strip().lstrip("\ufeff")
    if "{" in text:
        return None
    try:
        (names,) = csv.reader([text], strict=True)
    except (csv.Error, ValueError):
        return None
    if RAW in names or set(names) >= WHOLE:
        return names
    if any(_is_part(name) for name in names):
        raise SteadyhandError(
            f"the CSV file has single fields ({', '.join(names):.80}) and no whole events",
            "export the column _raw (Splunk), or all columns as they are in the table (Sentinel)",
        )
    return None


def _is_part(name: str) -> bool:
    return any(name.startswith((f"{part}.", f"{part}_")) for part in _PARTS_OF_PARTS)


def _rows(header: list[str], header_at: int, lines: Iterator[str]) -> Iterator[tuple[int, Row | BadRow]]:
    reader = csv.reader(lines, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            why = f"its row of CSV is not whole ({error}): the rest is not read"
            yield header_at + reader.line_num, BadRow(why)
            return
        if len(cells) == len(header):
            yield header_at + reader.line_num, dict(zip(header, cells, strict=True))
        elif cells:
            columns = f"{quantity(len(cells), 'column')} and not {len(header)}, as the first line has"
            yield header_at + reader.line_num, BadRow(f"its row has {columns}")


def from_columns(row: Mapping[str, Any], decoded: Callable[[str], Any]) -> dict[str, Any]:
    """An event whose parts are columns: text that stands for JSON as JSON; an empty column is none.

    Parameters
    ----------
    row : mapping
    decoded : callable
        The JSON in a text.

    Raises
    ------
    ValueError
        If a part is not whole.
    """
    return {
        name: _part(name, entry, decoded) for name, entry in row.items() if entry is not None and entry != ""
    }


def _part(name: str, entry: Any, decoded: Callable[[str], Any]) -> Any:
    if not isinstance(entry, str) or name in _TEXTS:
        return entry
    text = entry.strip()
    if text[:1] in ("{", "["):
        return decoded(text)
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    return int(text) if text.isascii() and text.lstrip("-").isdigit() and len(text) < 20 else entry


def rows_of_answer(answer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of an answer of the Log Analytics API: ``tables``, each with ``columns`` and ``rows``."""
    for table in answer["tables"]:
        names = [column["name"] for column in table["columns"]]
        for row in table["rows"]:
            yield dict(zip(names, row, strict=True))
