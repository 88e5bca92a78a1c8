"""kill -9 of the relay while it pushes signals: what it took arrives at the identity provider all the same.

The relay is the real program on its socket; the receiver verifies every token with another library, and answers some
pushes with trouble. Not by systemd: the parent starts it again.
"""

from __future__ import annotations

import json
import os
import pwd
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from agent.alerts.api import Record
from agent.alerts.transports.relay_link import RelayLink
from agent.engine.errors import SteadyhandError
from agent.files.paths import Paths
from bench.reliability_arrival import Arrival, arrival, made_alert, wait_until
from tests.agent.alerts.signals.workbench import Workbench
from tests.agent.alerts.transports.http_stub import Handler, hang_up

_SOCKET: Final = "socket"
_START_S: Final = 60.0
_END_S: Final = 300.0
_TROUBLE: Final = 0.2
_WAITS_S: Final = {"FIRST_S": 0.05, "MOST_S": 0.2, "LEAST_S": 0.01}
_MOST_A_RUN: Final = 60
"""Below the account's share of a minute, so that the relay refuses none."""


class TroubledSignals:
    """The receiver: takes tokens, and now and then is busy, broken, or gone after it took one.

    Parameters
    ----------
    bench : Workbench
    """

    def __init__(self, bench: Workbench) -> None:
        self.troubles = 0
        self._bench = bench
        self._rng = random.Random(12)
        bench.receiver.always = self._answer

    def _answer(self, handler: Handler) -> None:
        if self._rng.random() >= _TROUBLE:
            self._bench.receiver.answer(handler)
            return
        self.troubles += 1
        self._rng.choice((_busy, _broken, hang_up, self._taken_and_gone))(handler)

    def _taken_and_gone(self, handler: Handler) -> None:
        """Note the token, and hang up without the acknowledgement."""
        claims = self._bench.receiver.check(handler.stub.requests[-1])
        self._bench.receiver.deliveries.append(claims["jti"])
        hang_up(handler)


def _busy(handler: Handler) -> None:
    handler.answer(429, {"Retry-After": "0"}, b"")


def _broken(handler: Handler) -> None:
    handler.answer(500, {}, b"")


def killed_relay(folder: Path, kills: int) -> Arrival:
    """Kill the relay `kills` times while it takes alerts and pushes signals; then let one bring the rest.

    Raises
    ------
    SteadyhandError
        If the relay does not start, or what waits does not arrive in minutes.
    """
    began_s = time.monotonic()
    bench, rng = Workbench(folder), random.Random(13)
    bench.subjects({pwd.getpwuid(os.geteuid()).pw_name: {"format": "email", "email": "trial@example.com"}})
    taken: list[str] = []
    with bench.receiver.listening() as stub:
        receiver = TroubledSignals(bench)
        paths = _paths(folder)
        _write_settings(paths, bench, stub.url())
        for _ in range(kills):
            relay = _started(paths)
            taken += _handed_over(paths, rng.uniform(0.05, 0.6))
            relay.kill()
            relay.wait()
        relay = _started(paths)
        try:
            arrived = set(taken).issubset
            wait_until(lambda: arrived(bench.receiver.deliveries), _END_S, "what waits")
        finally:
            relay.kill()
            relay.wait()
    trial = f"the relay killed {kills} times, signals to a receiver with {_TROUBLE:.0%} trouble"
    return arrival(trial, taken, bench.receiver.deliveries, kills + receiver.troubles, began_s)


def _paths(folder: Path) -> Paths:
    return Paths.under(folder / "relay")


def _write_settings(paths: Paths, bench: Workbench, url: str) -> None:
    paths.config_dir.mkdir(mode=0o700, parents=True)
    lines = [f"{key} = {json.dumps(entry)}" for key, entry in bench.settings(url).items()]
    paths.settings_file.write_text("\n".join(["[alerts]", *lines]))
    paths.settings_file.chmod(0o600)


def _started(paths: Paths) -> subprocess.Popen[bytes]:
    """A relay that listens."""
    socket = paths.config_dir / _SOCKET
    socket.unlink(missing_ok=True)
    command = [sys.executable, "-m", "bench.reliability_signals", str(paths.config_dir.parent)]
    relay = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def listens() -> bool:
        if relay.poll() is not None:
            raise SteadyhandError(f"the relay ended with {relay.returncode}", "look at what it wrote")
        return socket.exists()

    wait_until(listens, _START_S, "the relay's start")
    return relay


def _handed_over(paths: Paths, seconds: float) -> list[str]:
    """Hand alerts over for a while after the first one; the ids of those that the relay says it has."""
    # The relay runs as this account, which an agent would not believe.
    link = RelayLink(paths.config_dir / _SOCKET, own_uid=-1)
    taken: list[str] = []
    began_s: float | None = None
    while len(taken) < _MOST_A_RUN and (began_s is None or time.monotonic() < began_s + seconds):
        alert = made_alert(len(taken))
        if link.send([Record("", 1, alert)]).accepted:
            taken.append(alert.record_id)
            began_s = began_s or time.monotonic()
        time.sleep(0.005)
    return taken


def main(folder: str) -> None:
    """The child: the relay, with short waits between tries, so that kills meet more than waiting."""
    from agent.alerts import back_off
    from agent.relay.__main__ import run

    for name, seconds in _WAITS_S.items():
        setattr(back_off, name, seconds)

    paths = Paths.under(Path(folder))
    run(paths, paths.config_dir / _SOCKET)


if __name__ == "__main__":
    main(*sys.argv[1:])
