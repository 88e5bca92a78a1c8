"""How long an alert takes to be on disk: `LocalDelivery.submit` while the delivery thread works beside it.

python bench/bench_alert.py [--folder DIR] [--count N]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import uuid
from pathlib import Path

from agent.alerts.alert import Activity, Alert, AlertKind, Severity
from agent.alerts.destinations import open_delivery
from agent.alerts.settings import AlertSettings


def measure(folder: Path, count: int = 300) -> dict[str, float]:
    """Milliseconds on the disk of `folder`; `on_disk_ms` is the 99th percentile, which the budget limits."""
    times_ms = []
    with tempfile.TemporaryDirectory(dir=folder) as place:
        outbox, jsonl = Path(place, "outbox.db"), Path(place, "alerts.jsonl")
        delivery = open_delivery(AlertSettings(), outbox, jsonl, "bench", "bench", "0")
        for number in range(count):
            alert = _alert(number)
            start_ns = time.perf_counter_ns()
            delivery.submit(alert)
            times_ms.append((time.perf_counter_ns() - start_ns) / 1e6)
        delivery.close(30.0)
    times_ms.sort()
    return {
        "on_disk_ms": round(times_ms[int(0.99 * (count - 1))], 3),
        "on_disk_p50_ms": round(times_ms[count // 2], 3),
        "on_disk_worst_ms": round(times_ms[-1], 3),
    }


def _alert(number: int) -> Alert:
    return Alert(
        finding_id=str(uuid.uuid4()),
        record_id=str(uuid.uuid4()),
        kind=AlertKind.INTRUDER,
        activity=Activity.CREATE,
        severity=Severity.HIGH,
        time_unix_ns=time.time_ns(),
        user="bench",
        host="bench",
        message="Somebody else moves the mouse.",
        reasons=("Strokes are slower than the owner's.", "Curves are wider than the owner's."),
        detail={"trust": number % 100, "evidence_llr": -8.25, "actions": 40, "text": "x" * 1000},
    )


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--folder", type=Path, default=Path.cwd(), help="on the disk to measure (default: here)"
    )
    parser.add_argument("--count", type=int, default=300, help="alerts to put (default: 300)")
    options = parser.parse_args()
    print(json.dumps({"alert": measure(options.folder, options.count)}))


if __name__ == "__main__":
    main()
