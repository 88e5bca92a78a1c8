"""A real syslog receiver over mutual TLS that is killed again and again while alerts come."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from agent.alerts.destinations import open_delivery
from agent.alerts.settings import AlertSettings, alert_settings
from bench.reliability_arrival import Arrival, arrival, made_alert, wait_until
from tests.e2e.rsyslog import Receiver


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast it goes.

    Attributes
    ----------
    alerts : int
    per_second : float
        AlertSettings that are raised a second.
    kill_every_s : float
        Mean time from a start of the receiver to its next kill -9.
    """

    alerts: int
    per_second: float
    kill_every_s: float


def settings_for(receiver: Receiver, cert: str = "client", ca: str = "ca.pem") -> AlertSettings:
    """Settings that lead to `receiver`."""
    return alert_settings(
        syslog_host="127.0.0.1",
        syslog_port=receiver.port,
        syslog_server_name="localhost",
        syslog_ca_file=str(receiver.folder / ca),
        syslog_cert_file=str(receiver.folder / f"{cert}.pem") if cert else "",
        syslog_key_file=str(receiver.folder / f"{cert}.key") if cert else "",
    )


def killed_receiver(name: str, receiver: Receiver, folder: Path, pace: Pace) -> Arrival:
    """Raise alerts while `receiver` (prepared, not started) is killed with -9 and started again."""
    began_s = time.monotonic()
    receiver.start()
    delivery = open_delivery(
        settings_for(receiver), folder / "outbox.db", folder / "alerts.jsonl", "trial", "trial", "0"
    )
    killer = _Killer(receiver, pace.kill_every_s)
    killer.start()
    sent = []
    for number in range(pace.alerts):
        alert = made_alert(number)
        delivery.submit(alert)
        sent.append(alert.record_id)
        time.sleep(1.0 / pace.per_second)
    killer.end()
    wait_until(lambda: delivery.depth() == 0, 600.0, f"delivery to {name}")
    delivery.close(5.0)
    receiver.kill()
    trial = f"{name} killed about every {pace.kill_every_s:g} s"
    return arrival(trial, sent, receiver.ids(), killer.kills, began_s)


class _Killer:
    """Kills and starts on a thread of its own."""

    def __init__(self, receiver: Receiver, every_s: float) -> None:
        self.kills = 0
        self._receiver = receiver
        self._every_s = every_s
        self._done = threading.Event()
        self._rng = random.Random(8)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Kill no more; the receiver runs."""
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._done.wait(self._every_s * self._rng.uniform(0.5, 1.5)):
            self._receiver.kill()
            self.kills += 1
            self._done.wait(self._rng.uniform(0.0, 0.3) * self._every_s)
            self._receiver.start()
