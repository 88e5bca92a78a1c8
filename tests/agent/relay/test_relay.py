"""The relay on a real Unix socket: who says what is the kernel's word, and nothing that was taken is lost."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.alert import Alert, AlertKind
from agent.alerts.api import DeliveryOutcome, Record
from agent.alerts.hash_chain import Link, sealed
from agent.alerts.transports.relay_link import RelayLink
from agent.alerts.verify import verify
from agent.relay.peers import MOST_A_MINUTE, SILENCE_NS, Peers, stamped
from agent.relay.server import Relay
from tests.agent.alerts.fakes import STREAM, Clock, make_alert

if sys.platform != "linux":
    pytest.skip("the relay is for Linux", allow_module_level=True)

ROOT = Path(__file__).parents[3]
ME = os.geteuid()
NOBODY = 65534
SOMEBODY_ELSE = ME + 1


class Kept:
    """A delivery that keeps what it is given, or refuses as told."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.full = False

    def submit(self, alert: Alert) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.alerts.append(alert)

    def depth(self) -> int:
        return 3

    def problems(self) -> tuple[str, ...]:
        return ()

    def settle(self) -> bool:
        return True

    def close(self, flush_s: float) -> None:
        pass


class Bench:
    """A relay on a thread, with a clock that is set by hand."""

    def __init__(self, folder: Path) -> None:
        self.kept, self.clock = Kept(), Clock()
        self.relay = Relay(self.kept, "desk-7", self.clock, lambda: 9)
        self.path = folder / "relay"
        self._ended = threading.Event()
        self._listener = self.relay.listen(self.path)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.is_set():
            self.relay.turn(self._listener, 0.01)
        self.relay.close()
        self._listener.close()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def send(self, *alerts: Alert, own_uid: int = SOMEBODY_ELSE) -> Any:
        records = [Record(STREAM, n, alert) for n, alert in enumerate(alerts, 1)]
        return RelayLink(self.path, own_uid).send(records)

    def told(self, kind: AlertKind) -> list[Alert]:
        for _ in range(200):
            if found := [alert for alert in self.kept.alerts if alert.kind is kind]:
                return found
            time.sleep(0.01)
        return []

    def speak(self, packet: bytes) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.settimeout(2)
            connection.connect(str(self.path))
            connection.send(packet)
            told: dict[str, Any] = json.loads(connection.recv(4096))
            return told


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.end()


def test_alerts_are_taken_in_order_and_stamped_by_the_kernel(bench: Bench) -> None:
    one, two = make_alert(), make_alert(user="mallory", host="elsewhere")
    sent = bench.send(one, two)
    assert (sent.accepted, sent.outcome) == (2, DeliveryOutcome.OK)
    taken = [alert for alert in bench.kept.alerts if alert.kind is not AlertKind.HEARTBEAT]
    assert [alert.record_id for alert in taken] == [one.record_id, two.record_id]
    assert all(alert.detail["peer_uid"] == ME for alert in taken)
    assert all(alert.detail["peer_pid"] == os.getpid() for alert in taken)
    assert taken[1].host == "desk-7"
    assert taken[1].user != "mallory"
    assert taken[1].detail["said_to_be"] == "mallory"


def test_a_relay_of_the_same_user_is_not_believed(bench: Bench) -> None:
    sent = bench.send(make_alert(), own_uid=ME)
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.AUTH_FAILED)
    assert "runs as this user" in sent.detail


def test_without_a_relay_alerts_wait(tmp_path: Path) -> None:
    sent = RelayLink(tmp_path / "relay", SOMEBODY_ELSE).send([Record(STREAM, 1, make_alert())])
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.RETRY)
    assert "does not take alerts" in sent.detail


def test_a_full_disk_of_the_relay_makes_alerts_wait_at_the_agent(bench: Bench) -> None:
    bench.kept.full = True
    sent = bench.send(make_alert())
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.BACK_OFF)
    assert "No space left" in sent.detail
    bench.kept.full = False
    assert bench.send(make_alert()).accepted == 1


@pytest.mark.parametrize("packet", [b"{", b"[]", b"\xff" * 100, b"[" * 16_000, b'{"form": 1}', b"null"])
def test_what_is_no_alert_is_refused_for_good_and_the_relay_lives(bench: Bench, packet: bytes) -> None:
    told = bench.speak(packet)
    assert told["never"]
    assert "not an alert" in told["refused"]
    assert bench.send(make_alert()).accepted == 1


def test_one_user_cannot_fill_the_outbox_of_all(bench: Bench) -> None:
    sent = bench.send(*(make_alert() for _ in range(MOST_A_MINUTE + 5)))
    assert (sent.accepted, sent.outcome) == (MOST_A_MINUTE, DeliveryOutcome.BACK_OFF)
    assert "too many" in sent.detail
    bench.clock.forward(61)
    assert bench.send(make_alert()).accepted == 1


def test_a_relay_gives_its_own_sign_of_life(bench: Bench) -> None:
    first = bench.told(AlertKind.HEARTBEAT)[0]
    assert first.detail["by"] == "relay"
    assert first.detail["outbox_depth"] == 3


def test_an_agent_that_falls_silent_is_reported_once(bench: Bench) -> None:
    bench.send(make_alert(kind=AlertKind.HEARTBEAT))
    bench.clock.forward(SILENCE_NS / 1e9 + 1)
    (silent,) = bench.told(AlertKind.SILENT)
    assert silent.detail["peer_uid"] == ME
    assert "has said nothing for 151 s" in silent.message
    bench.clock.forward(600)
    time.sleep(0.05)
    assert len(bench.told(AlertKind.SILENT)) == 1


@pytest.mark.parametrize("kind", [AlertKind.STOPPED, AlertKind.QUIT])
def test_an_agent_that_said_that_it_ends_is_not_silent(kind: AlertKind) -> None:
    peers = Peers()
    peers.heard(1000, "ada", kind, 0)
    assert list(peers.fallen_silent(10 * SILENCE_NS)) == []
    assert peers.seconds_since(5) == {}
    peers.heard(1000, "ada", AlertKind.HEARTBEAT, 0)
    assert [uid for uid, _ in peers.fallen_silent(10 * SILENCE_NS)] == [1000]


def test_the_agents_chain_is_kept_beside_the_relays(tmp_path: Path) -> None:
    ready, _ = sealed(make_alert(), Link("agent"))
    passed = stamped(ready, "ada", 1000, 5, "desk-7")
    again, _ = sealed(passed, Link("relay"))
    assert again.detail["agent_chain"]["id"] == "agent"
    assert again.detail["chain"]["id"] == "relay"
    assert stamped(replace(ready, detail={}), "ada", 1, 2, "h").detail == {
        "said_to_be": "alice",
        "peer_uid": 1,
        "peer_pid": 2,
    }


@pytest.fixture
def service() -> Iterator[Service]:
    if ME != 0:
        pytest.skip("needs root to become another user")
    # Not in pytest's own folders: those are closed to others, and another run closes them again.
    folder = Path(tempfile.mkdtemp(prefix="steadyhand-relay-"))
    service = Service(folder)
    yield service
    service.end()
    shutil.rmtree(folder)


class Service:
    """The real program as another user, as its systemd unit starts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.chmod(0o755)
        self.state, self.runtime = folder / "relay-state", folder / "etc"
        for place in (self.state, self.runtime):
            place.mkdir()
            os.chown(place, NOBODY, NOBODY)
        self.state.chmod(0o700)
        self.runtime.chmod(0o755)
        self.path = self.runtime / "relay"
        self.link = RelayLink(self.path)
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        told = {"STATE_DIRECTORY": str(self.state), "RUNTIME_DIRECTORY": str(self.runtime)}
        self._child = subprocess.Popen(
            [sys.executable, "-c", _AS_NOBODY], env={**os.environ, **told}, cwd=ROOT
        )
        return self._child

    def end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()

    def take(self, alert: Alert) -> None:
        """Hand one over, as often as it needs."""
        for _ in range(400):
            if self.link.send([Record(STREAM, 1, alert)]).accepted:
                return
            time.sleep(0.05)
        raise AssertionError("never taken")

    @property
    def lines(self) -> list[str]:
        file = self.state / "alerts.jsonl"
        return file.read_text().splitlines() if file.exists() else []

    def kinds(self) -> list[str]:
        return [json.loads(line)["unmapped"]["kind"] for line in self.lines]


@pytest.mark.slow
def test_the_service_under_another_user_survives_kills_with_everything(service: Service) -> None:
    acknowledged = []
    for _ in range(3):
        child = service.start()
        for _ in range(8):
            alert = make_alert()
            service.take(alert)
            acknowledged.append(alert.record_id)
        child.send_signal(signal.SIGKILL)
        child.wait()
    child = service.start()
    service.take(make_alert())
    child.terminate()
    assert child.wait(10) == 0
    events = [json.loads(line) for line in service.lines]
    assert set(acknowledged) <= {event["metadata"]["uid"] for event in events}
    assert verify(service.lines).problems == ()
    assert (service.state / "alerts.jsonl").stat().st_uid == NOBODY
    assert service.path.stat().st_mode & 0o777 == 0o666
    passed = [event for event in events if event["unmapped"]["kind"] == "intruder"]
    assert all(event["unmapped"]["peer_uid"] == ME for event in passed)


@pytest.mark.slow
def test_the_agents_alerts_go_through_the_relay_and_wait_while_it_is_down(service: Service) -> None:
    relay = service.start()
    service.take(make_alert())
    with agent_under(service.folder) as agent:
        assert _comes(lambda: {"started", "capture dead"} <= set(service.kinds()))
        status = json.loads((service.folder / "state" / "status.json").read_text())
        assert not [note for note in status["notes"] if "no relay" in note]
        relay.kill()
        relay.wait()
        agent.terminate()
        assert agent.wait(15) == 0
        assert "stopped" not in service.kinds()
    service.start()
    with agent_under(service.folder):
        assert _comes(lambda: "stopped" in service.kinds()), "what waited at the agent arrives later"


@contextlib.contextmanager
def agent_under(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """An agent that keeps its files below `folder`, without a display or a bus."""
    nobody = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/none"}
    environ = {name: value for name, value in os.environ.items() if name != "DISPLAY"} | nobody
    agent = subprocess.Popen(
        [sys.executable, "-c", _AGENT, str(folder)], env=environ, cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        yield agent
    finally:
        agent.kill()
        agent.wait()


_AGENT = """
import sys
from pathlib import Path
from agent.files.paths import Paths
from agent.ui.main import run_agent
sys.exit(run_agent(Paths.under(Path(sys.argv[1])), tray=False, user="ada"))
"""


def _comes(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    end_s = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end_s:
            return False
        time.sleep(0.05)
    return True


_AS_NOBODY = f"""
import os, sys
from agent.relay.__main__ import main
os.setgid({NOBODY}); os.setuid({NOBODY})
sys.exit(main())
"""
