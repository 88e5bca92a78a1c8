"""Made-up streams of events, as receivers get them: what the agent itself would write, at the times given."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from agent.alerts.alert import Alert, AlertKind
from agent.alerts.api import Record
from agent.alerts.ocsf import Product, to_ocsf
from agent.engine.sequential_test import Verdict
from agent.engine.verifier import Judgement
from agent.host.api import LockReport, LockResult
from agent.runtime.response.alert_wording import AlertWording

PRODUCT = Product("1", "Linux")
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
T0_S = 1_790_000_000


@dataclass
class Computer:
    """One agent's events; times are seconds after `T0_S`."""

    user: str = "ada"
    host: str = "desk-7"
    alerts: list[Alert] = field(default_factory=list)

    def wording(self, at_s: float) -> AlertWording:
        return AlertWording(self.user, self.host, lambda: round((T0_S + at_s) * 1e9))

    def raise_(self, at_s: float, kind: AlertKind, **detail: Any) -> Alert:
        self.alerts.append(self.wording(at_s).health(kind, kind.value, **detail))
        return self.alerts[-1]

    def heartbeats(self, from_s: float, to_s: float) -> None:
        for at_s in range(int(from_s), int(to_s), MINUTE_S):
            self.raise_(at_s, AlertKind.HEARTBEAT)

    def intruder(self, at_s: float) -> Alert:
        judgement = Judgement(round(at_s * 1e9), Verdict.INTRUDER, 0.0, -1.0, 8.0, 20, 0, ("speed: higher",))
        self.alerts.append(self.wording(at_s).finding(AlertKind.INTRUDER, judgement, {"mode": "enforce"}))
        return self.alerts[-1]

    def lock(self, at_s: float, finding: Alert, result: LockResult) -> None:
        self.alerts.append(self.wording(at_s).lock_result(finding, LockReport(result, "i3lock", 1, ())))

    def was_me(self, at_s: float, finding: Alert) -> None:
        self.alerts.append(self.wording(at_s).was_me(finding, 1))

    def events(self) -> Iterator[dict[str, Any]]:
        stream = str(uuid.uuid5(uuid.NAMESPACE_DNS, self.host))
        for number, alert in enumerate(sorted(self.alerts, key=lambda alert: alert.time_unix_ns), 1):
            yield to_ocsf(Record(stream, number, replace(alert)), PRODUCT)


def flat(event: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names, as SIEMs index nested objects; lists as JSON."""
    for name, entry in event.items():
        if isinstance(entry, dict):
            yield from flat(entry, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", json.dumps(entry) if isinstance(entry, list) else entry


def table_of(events: Iterable[dict[str, Any]], needed: Iterable[str]) -> sqlite3.Connection:
    """A table ``logs`` with a column a field; `needed` are columns that rules name."""
    rows = [{"received": event["time"], **dict(flat(event))} for event in events]
    columns = sorted({name for row in rows for name in row} | set(needed))
    db = sqlite3.connect(":memory:")
    db.execute(f"CREATE TABLE logs ({', '.join(f'`{name}`' for name in columns)})")
    places = ", ".join("?" * len(columns))
    db.executemany(
        f"INSERT INTO logs VALUES ({places})", [[row.get(name) for name in columns] for row in rows]
    )
    return db
