"""The relay on a real Unix socket: who says what is the kernel's word, and nothing that was taken is lost."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
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
from agent.alerts.wire import alert_to_json
from agent.files.private import write_private
from agent.relay.accounts import UNKNOWN_UID, Accounts, RelayAccount
from agent.relay.agent_register import AgentRegister
from agent.relay.connections import Connections, Peer
from agent.relay.intake import Intake
from agent.relay.quota import AbuseCounter, Quota, RecentRecords
from agent.relay.register_file import RegisterFile
from agent.relay.relay_alerts import stamped
from tests.agent.alerts.fakes import STREAM, Clock, make_alert
from tests.agent.relay.bench import Bench, Kept, UnixRoad

if sys.platform != "linux":
    pytest.skip("the relay is for Linux", allow_module_level=True)

ROOT = Path(__file__).parents[3]
ME = os.geteuid()
NOBODY = 65534
SOMEBODY_ELSE = ME + 1
SILENCE_S = 150
A_MINUTE_S = 60
SECOND = 1_000_000_000


class UnixBench(Bench):
    """A relay at a socket."""

    def __init__(self, folder: Path) -> None:
        road = UnixRoad(folder)
        self.path = road.path
        super().__init__(folder, road)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[UnixBench]:
    bench = UnixBench(tmp_path)
    yield bench
    bench.end()


def test_a_relay_of_the_same_user_is_not_believed(bench: UnixBench) -> None:
    sent = RelayLink(bench.path, ME).send([Record(STREAM, 1, make_alert())])
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.AUTH_FAILED)
    assert "runs as this user" in sent.detail


def test_without_a_relay_alerts_wait(tmp_path: Path) -> None:
    sent = RelayLink(tmp_path / "relay", SOMEBODY_ELSE).send([Record(STREAM, 1, make_alert())])
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.RETRY)
    assert "does not take alerts" in sent.detail


@pytest.mark.parametrize("kind", [AlertKind.STOPPED, AlertKind.QUIT])
def test_an_agent_that_said_that_it_ends_is_not_silent(kind: AlertKind) -> None:
    agents = AgentRegister()
    agents.heard(1000, "ada", kind, 0)
    assert list(agents.fallen_silent(10 * SILENCE_S * SECOND)) == []
    assert agents.seconds_since(5) == {}
    agents.heard(1000, "ada", AlertKind.HEARTBEAT, 0)
    assert [uid for uid, _ in agents.fallen_silent(10 * SILENCE_S * SECOND)] == [1000]


def test_the_agents_chain_is_kept_beside_the_relays(tmp_path: Path) -> None:
    ready, _ = sealed(make_alert(), Link("agent"))
    passed = stamped(ready, Peer(RelayAccount(1000, "ada"), 1000, 5), "desk-7")
    again, _ = sealed(passed, Link("relay"))
    assert again.detail["agent_chain"]["id"] == "agent"
    assert again.detail["chain"]["id"] == "relay"
    forged = {
        "by": "relay",
        "peer_uid": 0,
        "peer_pid": 1,
        "agent_chain": {},
        "said_to_be": "root",
        "playbook": "https://evil.example/click",
        "trust": 3,
    }
    unknown = Peer(RelayAccount(UNKNOWN_UID, "unknown user number"), 100_123, 2)
    assert stamped(replace(ready, detail=forged), unknown, "h", "https://wiki.example").detail == {
        "trust": 3,
        "playbook": "https://wiki.example/intruder.md",
        "said_to_be": "alice",
        "peer_uid": 100_123,
        "peer_pid": 2,
        "peer_unknown": True,
    }


def test_connections_of_one_account_do_not_push_out_those_of_another() -> None:
    connections = Connections()
    ada, eve = RelayAccount(1000, "ada"), RelayAccount(1001, "eve")
    sockets: list[Any] = [object() for _ in range(600)]
    assert connections.add(sockets[0], Peer(ada, 1000, 1)) is None
    for number, each in enumerate(sockets[1:20], 1):
        surplus = connections.add(each, Peer(eve, 1001, 2))
        assert surplus is (sockets[number - 8] if number > 8 else None), "the account's own oldest"
        if surplus is not None:
            connections.remove(surplus)
    assert connections.peer(sockets[0]) == Peer(ada, 1000, 1)
    assert len(list(connections)) == 9
    # Many accounts together: the one with the most makes room.
    for number, each in enumerate(sockets[20:523]):
        assert connections.add(each, Peer(RelayAccount(5000 + number, "x"), 5000 + number, 3)) is None
    gone = connections.add(sockets[599], Peer(RelayAccount(9000, "y"), 9000, 3))
    assert gone is not None
    assert connections.peer(gone) == Peer(eve, 1001, 2)


def test_the_process_that_was_heard_first_keeps_a_share_of_its_own() -> None:
    quota = Quota()
    assert quota.admits(1000, 7, 0)
    flood = [quota.admits(1000, 100 + n, SECOND) for n in range(500)]
    assert flood.count(True) == 79, "the flood gets what is common"
    assert [quota.admits(1000, 7, 2 * SECOND) for _ in range(41)] == [True] * 40 + [False]
    assert quota.admits(1001, 9, 2 * SECOND), "another account has a share of its own"
    assert quota.admits(1000, 500, 62 * SECOND)
    late = 400 * SECOND
    assert quota.admits(1000, 8, late)
    flood = [quota.admits(1000, 100 + n, late + SECOND) for n in range(500)]
    assert [quota.admits(1000, 8, late + SECOND) for _ in range(41)] == [True] * 40 + [False], (
        "the agent's next process"
    )


def test_user_numbers_that_nobody_knows_share_one_account() -> None:
    accounts = Accounts()
    assert accounts.of(ME).uid == ME
    assert {accounts.of(uid).uid for uid in range(4_000_000, 4_003_000)} == {UNKNOWN_UID}


def test_recent_records_are_each_accounts_own_and_bounded() -> None:
    recent = RecentRecords()
    recent.add(1, "first")
    assert recent.has(1, "first")
    assert not recent.has(2, "first")
    for number in range(2048):
        recent.add(1, str(number))
    assert not recent.has(1, "first")
    assert recent.has(1, "0")


def test_abuse_is_told_at_once_and_then_every_ten_minutes() -> None:
    abuse = AbuseCounter()
    abuse.count(1, "garbage")
    assert abuse.due(0) == [(1, "garbage", 1)]
    abuse.count(1, "garbage")
    abuse.count(2, "garbage")
    assert abuse.due(SECOND) == [(2, "garbage", 1)]
    assert abuse.due(601 * SECOND) == [(1, "garbage", 1)]
    assert abuse.due(9000 * SECOND) == []


def restarted(tmp_path: Path, clock: Clock, boot: str) -> tuple[Kept, Intake]:
    kept = Kept()
    intake = Intake(kept, RegisterFile(tmp_path / "agents.json", boot), "desk-7", clock, lambda: 9)
    intake.begin()
    return kept, intake


def test_a_silence_is_noticed_over_a_restart_of_the_relay(tmp_path: Path) -> None:
    clock = Clock()
    _, intake = restarted(tmp_path, clock, "boot-1")
    peer = Peer(RelayAccount(1000, "ada"), 1000, 5)
    intake.answer(alert_to_json(make_alert(kind=AlertKind.HEARTBEAT)).encode(), peer)
    clock.forward(100)
    kept, intake = restarted(tmp_path, clock, "boot-1")
    intake.tick()
    assert AlertKind.SILENT not in {alert.kind for alert in kept.alerts}
    clock.forward(51)
    intake.tick()
    (silent,) = [alert for alert in kept.alerts if alert.kind is AlertKind.SILENT]
    assert (silent.user, silent.detail["silent_s"]) == ("ada", 151)
    kept, intake = restarted(tmp_path, clock, "boot-1")
    clock.forward(600)
    intake.tick()
    assert AlertKind.SILENT not in {alert.kind for alert in kept.alerts}, "told once"


def test_an_agent_that_does_not_come_back_after_the_computer_went_down_is_told(tmp_path: Path) -> None:
    clock = Clock()
    clock.forward(5000)
    _, intake = restarted(tmp_path, clock, "boot-1")
    peer = Peer(RelayAccount(1000, "ada"), 1000, 5)
    intake.answer(alert_to_json(make_alert(kind=AlertKind.HEARTBEAT)).encode(), peer)
    again = Clock()
    kept, intake = restarted(tmp_path, again, "boot-2")
    intake.tick()
    assert AlertKind.SILENT not in {alert.kind for alert in kept.alerts}
    again.forward(SILENCE_S + 1)
    intake.tick()
    assert AlertKind.SILENT in {alert.kind for alert in kept.alerts}


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"boot_id": "b", "agents": {"x": {}}}', b'{"agents": 1e999}']
)
def test_a_damaged_register_is_set_aside_and_told(tmp_path: Path, content: bytes) -> None:
    write_private(tmp_path / "agents.json", content)
    kept, intake = restarted(tmp_path, Clock(), "b")
    assert [alert.kind for alert in kept.alerts] == [AlertKind.STATE_DAMAGED]
    assert (tmp_path / "agents.json.damaged").read_bytes() == content
    intake.tick()
    assert (tmp_path / "agents.json").exists()


@pytest.fixture
def service() -> Iterator[Service]:
    if ME != 0:
        pytest.skip("needs root to become another user")
    readable = [
        "setpriv",
        f"--reuid={NOBODY}",
        f"--regid={NOBODY}",
        "--clear-groups",
        "test",
        "-r",
        ROOT / "pyproject.toml",
    ]
    if subprocess.run(readable, check=False).returncode:
        pytest.skip(f"another user cannot read {ROOT}: put the clone where others may look")
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


SPEAKS = """
import socket, sys, time
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
    connection.connect(sys.argv[1])
    connection.send(sys.argv[2].encode())
    print(connection.recv(4096).decode(), flush=True)
time.sleep(60)
"""


def speaking(bench: UnixBench, kind: AlertKind) -> subprocess.Popen[str]:
    words = [sys.executable, "-S", "-c", SPEAKS, str(bench.path), alert_to_json(make_alert(kind=kind))]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert "taken" in json.loads(child.stdout.readline())
    return child


def end(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.communicate()


def test_the_end_of_the_agents_process_is_noticed_at_once_and_that_of_others_is_none(
    bench: UnixBench,
) -> None:
    agent, command = speaking(bench, AlertKind.HEARTBEAT), speaking(bench, AlertKind.TEST)
    assert bench.agents.absent_since_ns(ME, bench.clock()) is None
    end(command)
    time.sleep(0.2)
    assert bench.agents.absent_since_ns(ME, bench.clock()) is None
    end(agent)
    for _ in range(200):
        if bench.agents.absent_since_ns(ME, bench.clock()) is not None:
            break
        time.sleep(0.01)
    assert bench.agents.absent_since_ns(ME, bench.clock()) == bench.clock()
    end(speaking(bench, AlertKind.STARTED))


def test_the_relays_own_alerts_link_to_their_playbooks(tmp_path: Path) -> None:
    kept, clock = Kept(), Clock()
    register_file = RegisterFile(tmp_path / "agents.json", "boot")
    playbooks = "https://wiki.example/pages"
    intake = Intake(kept, register_file, "desk-7", clock, lambda: 9, playbooks=playbooks)
    intake.begin(("the chain was damaged",))
    intake.refuse_for_good(Peer(RelayAccount(1000, "ada"), 1000, 5), "garbage")
    intake.tick()
    pages = {alert.kind: alert.detail.get("playbook") for alert in kept.alerts}
    assert pages == {
        AlertKind.STATE_DAMAGED: "https://wiki.example/pages/tamper.md",
        AlertKind.RELAY_ABUSED: "https://wiki.example/pages/tamper.md",
        AlertKind.HEARTBEAT: None,
    }


def test_the_relays_sign_of_life_says_what_is_wrong_with_its_destinations(tmp_path: Path) -> None:
    clock = Clock()
    kept, intake = restarted(tmp_path, clock, "boot")
    intake.tick()
    kept.trouble = ("ssf: ssf_receiver_url answers 400 invalid_key", "x" * 1000)
    clock.forward(61)
    intake.tick()
    first, second = (alert.detail for alert in kept.alerts if alert.kind is AlertKind.HEARTBEAT)
    assert "problems" not in first
    assert second["problems"] == ["ssf: ssf_receiver_url answers 400 invalid_key", "x" * 240]


def test_the_register_keeps_accounts_of_windows_and_refuses_keys_that_are_neither() -> None:
    agents = AgentRegister()
    agents.heard("S-1-5-21-7-8-9-1001", "ada", AlertKind.HEARTBEAT, 5)
    read = AgentRegister.from_json(json.loads(json.dumps(agents.to_json("b"))), "b", 10)
    assert read.absent_since_ns("S-1-5-21-7-8-9-1001", 10) is None
    for key in ("S-1-5-21-x", "S-1", "-3", "4294967296", "\u0663"):
        document = agents.to_json("b")
        document["agents"] = {key: next(iter(document["agents"].values()))}
        with pytest.raises(ValueError, match="no user number"):
            AgentRegister.from_json(document, "b", 10)


def test_where_the_system_does_not_tell_its_starts_apart_an_agent_gets_its_time_anew() -> None:
    agents = AgentRegister()
    agents.heard(1000, "ada", AlertKind.HEARTBEAT, 0)
    now_ns = 10 * SILENCE_S * SECOND
    read = AgentRegister.from_json(agents.to_json(""), "", now_ns)
    assert list(read.fallen_silent(now_ns)) == []
    assert [uid for uid, _ in read.fallen_silent(now_ns + (SILENCE_S + 1) * SECOND)] == [1000]
