"""Receiver's table of one computer: the rules of packaging/siem, run in SQLite on what had arrived at each look."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from sigma.backends.sqlite import sqliteBackend

from agent.alerts.ocsf import Product, to_ocsf
from bench.fleet.arrival import Arrived
from docs.make_siem import RULES, SILENCE, converted

_PRODUCT = Product("1", "Linux")
_LOOK_S = 60.0
_SILENCE_S = 300.0
_SAMPLED_LOOKS_S = 3600.0


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a rule shows an analyst.

    Attributes
    ----------
    rule : str
    level : str
        Of the rule.
    shown_s : float
        True time of the look at which the rule first shows it.
    """

    rule: str
    level: str
    shown_s: float


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules as SQL.

    Attributes
    ----------
    queries : tuple of (str, str, str)
        Title, level and query of each Sigma rule.
    silence : str
        The query of silence.
    """

    queries: tuple[tuple[str, str, str], ...]
    silence: str


def read_rules(silence: Path = SILENCE / "sqlite.sql") -> Rules:
    """All rules of packaging/siem."""
    queries = []
    for path in sorted(RULES.glob("*.yml")):
        levels = [rule["level"] for rule in yaml.safe_load_all(path.read_text(encoding="utf-8"))]
        backend = sqliteBackend(timestamp_field="time", timestamp_format="unix_ms")
        for level, (title, query) in zip(levels, converted(path, backend), strict=True):
            queries.append((title, level, query))
    return Rules(tuple(queries), silence.read_text(encoding="utf-8"))


class ReceiverTable:
    """One computer's events as a SIEM has them.

    Parameters
    ----------
    rules : Rules
    arrived : sequence of Arrived
    """

    def __init__(self, rules: Rules, arrived: Sequence[Arrived]) -> None:
        self._rules = rules
        self._received_s = sorted(arrival.received_s for arrival in arrived)
        text = " ".join([rules.silence, *(query for _, _, query in rules.queries)])
        self._columns = sorted(set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)`", text)) | {"time", "activity_id"})
        self._db = sqlite3.connect(":memory:")
        names = ", ".join(f"`{column}`" for column in (*self._columns, "metadata.sequence"))
        self._db.execute(f"CREATE TABLE arrived (received, {', '.join(dict.fromkeys(names.split(', ')))})")
        self._columns = [column for column in self._columns if column != "metadata.sequence"]
        places = ", ".join("?" * (len(self._columns) + 2))
        columns = ", ".join(f"`{column}`" for column in ("received", *self._columns, "metadata.sequence"))
        self._db.executemany(
            f"INSERT INTO arrived ({columns}) VALUES ({places})", (self._row(arrival) for arrival in arrived)
        )
        self._db.execute("CREATE TABLE look (now_ms)")
        self._db.execute("INSERT INTO look VALUES (9e15)")
        self._db.execute("CREATE INDEX by_received ON arrived (received)")
        self._db.execute("CREATE INDEX by_time ON arrived (time)")
        self._db.execute(
            "CREATE VIEW logs AS SELECT rowid, * FROM arrived WHERE received <= (SELECT now_ms FROM look)"
        )

    def alarms(self) -> Iterator[Alarm]:
        """What the Sigma rules show, each row once, when the last of its events has arrived."""
        self._db.execute("UPDATE look SET now_ms = 9e15")
        for title, level, query in self._rules.queries:
            cursor = self._db.execute(query)
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                shown = dict(zip(names, row, strict=True))
                shown_ms = shown.get("received") or self._last_received_ms(shown["event_ids"])
                yield Alarm(title.removeprefix("Steadyhand "), level, shown_ms / 1000)

    def silences(self, until_s: float) -> Iterator[tuple[float, float]]:
        """Spans during which the query of silence lists this computer, as looks once a minute see them.

        It is asked where its answer can change: at the first looks after each pause of five minutes between arrivals,
        at the looks just before and after each such pause ends, and once an hour besides.
        """
        listed_since_s: float | None = None
        for look_s in self._looks(until_s):
            now_ms = round(look_s * 1000)
            self._db.execute("UPDATE look SET now_ms = ?", (now_ms,))
            is_listed = bool(self._db.execute(self._rules.silence, {"now_ms": now_ms}).fetchall())
            if is_listed and listed_since_s is None:
                listed_since_s = look_s
            elif not is_listed and listed_since_s is not None:
                yield listed_since_s, look_s
                listed_since_s = None
        if listed_since_s is not None:
            yield listed_since_s, until_s

    def _looks(self, until_s: float) -> list[float]:
        times_s = [*self._received_s, until_s]
        looks: set[float] = set()
        last_s = times_s[0]
        for before_s, after_s in pairwise(times_s):
            if after_s - before_s > _SILENCE_S:
                first_s = _next_look(before_s + _SILENCE_S)
                looks |= {first_s, first_s + _LOOK_S, _next_look(after_s) - _LOOK_S, _next_look(after_s)}
            if before_s - last_s > _SAMPLED_LOOKS_S:
                last_s = before_s
                looks.add(_next_look(before_s))
        return sorted(look for look in looks if look <= until_s)

    def _last_received_ms(self, event_ids: str) -> float:
        rows = re.findall(r"0:(\d+)", event_ids)
        places = ", ".join("?" * len(rows))
        (last_ms,) = self._db.execute(
            f"SELECT MAX(received) FROM arrived WHERE rowid IN ({places})", rows
        ).fetchone()
        return float(last_ms)

    def _row(self, arrival: Arrived) -> list[Any]:
        event = to_ocsf(arrival.record, _PRODUCT)
        fields = [_field(event, column) for column in self._columns]
        return [arrival.received_s * 1000, *fields, arrival.record.sequence]


def _next_look(at_s: float) -> float:
    """The first whole minute after `at_s`."""
    return (at_s // _LOOK_S + 1) * _LOOK_S


def _field(event: Any, column: str) -> Any:
    for name in column.split("."):
        event = event.get(name) if isinstance(event, dict) else None
    return event
