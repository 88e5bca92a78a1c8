"""kill -9 of a process that raises alerts: what it was told is on disk arrives all the same."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from agent.alerts.delivery import LocalDelivery
from agent.alerts.destinations import open_delivery
from agent.alerts.settings import alert_settings
from bench.reliability_arrival import Arrival, arrival, made_alert
from tests.agent.alerts.transports.http_stub import Stub, serving


def killed_agent(folder: Path, kills: int) -> Arrival:
    """Kill a process that raises alerts without pause, start it again, and so on; then let one end well."""
    began_s = time.monotonic()
    rng = random.Random(9)
    sent: list[str] = []
    with serving() as stub:
        for _ in range(kills):
            sent += _killed_after(rng.uniform(0.02, 0.4), stub, folder)
        last = _delivery(stub.url(), folder)
        last.close(120.0)
        arrived = [id_of(request.json()) for request in stub.requests]
    return arrival(f"the sending process killed {kills} times", sent, arrived, kills, began_s)


def _killed_after(seconds: float, stub: Stub, folder: Path) -> list[str]:
    """Run the child until it has begun and some more; the ids of the alerts that were acknowledged to it."""
    command = [sys.executable, "-m", "bench.reliability_kills", stub.url(), str(folder)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    began = child.stdout.readline()
    time.sleep(seconds)
    child.kill()
    output = began + child.stdout.read()
    child.wait()
    return output.split("\n")[:-1]


def id_of(request: Any) -> str:
    """The alert's id in a request to a collector."""
    log = request["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]
    ids = [pair["value"]["stringValue"] for pair in log["attributes"] if pair["key"] == "event.id"]
    return str(ids[0])


def _delivery(url: str, folder: Path) -> LocalDelivery:
    places = (folder / "outbox.db", folder / "alerts.jsonl")
    return open_delivery(alert_settings(otlp_url=url, outbox_most_mb=1000.0), *places, "trial", "trial", "0")


def main(url: str, folder: str) -> None:
    """The child: raise alerts and say which are on disk, until killed."""
    delivery = _delivery(url, Path(folder))
    number = 0
    while True:
        alert = made_alert(number)
        delivery.submit(alert)
        print(alert.record_id, flush=True)
        number += 1
        time.sleep(0.005)


if __name__ == "__main__":
    main(*sys.argv[1:])
