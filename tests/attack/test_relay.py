"""The real relay, under an account of its own, attacked by programs of another; a third is answered all the while."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.verify import verify
from tests.attack.accounts import SECONDS, UserAccount, comes
from tests.attack.attackers import ALERT_STORM, CONNECTION_STORM, PACKET_STORM, PROBE

RUN = "import sys; from agent.relay.__main__ import main; sys.exit(main())"
ANSWERED_WITHIN_S = 1.0


class RelayService:
    """The real program, as its systemd unit starts it."""

    def __init__(self, folder: Path, account: UserAccount) -> None:
        self.account = account
        self.state, self.runtime = folder / "state", folder / "run"
        for place, mode in ((self.state, 0o700), (self.runtime, 0o755)):
            place.mkdir(exist_ok=True)
            place.chmod(mode)
            os.chown(place, account.uid, account.gid)
        self.path = self.runtime / "relay"
        self.child: subprocess.Popen[bytes]

    def start(self) -> None:
        self.path.unlink(missing_ok=True)
        self.child = self.account.start(
            RUN, STATE_DIRECTORY=str(self.state), RUNTIME_DIRECTORY=str(self.runtime)
        )
        assert comes(self.path.exists)

    def end(self) -> int:
        self.child.terminate()
        return self.child.wait(20)

    def lines(self) -> list[str]:
        return (self.state / "alerts.jsonl").read_text().split("\n")

    def unmapped(self, kind: str) -> list[dict[str, Any]]:
        events = [json.loads(line) for line in self.lines() if line]
        return [event["unmapped"] for event in events if event["unmapped"]["kind"] == kind]


@pytest.fixture
def relay(accounts: dict[str, UserAccount], public_dir: Path) -> Iterator[RelayService]:
    service = RelayService(public_dir, accounts["relay"])
    service.start()
    yield service
    accounts["relay"].end()


def said(child: subprocess.Popen[bytes]) -> Any:
    out, _ = child.communicate(timeout=SECONDS + 30)
    assert child.returncode == 0
    return json.loads(out)


@pytest.mark.timeout(SECONDS + 120)
def test_storms_of_one_account_leave_another_answered(
    relay: RelayService, eve: UserAccount, ada: UserAccount, record_property: Callable[[str, object], None]
) -> None:
    storms = [
        eve.start(script, relay.path, SECONDS) for script in (CONNECTION_STORM, PACKET_STORM, ALERT_STORM)
    ]
    probe = said(ada.start(PROBE, relay.path, SECONDS))
    connections, packets, (taken, refused) = map(said, storms)
    assert relay.child.poll() is None, "the relay has ended"
    record_property(
        "storm", f"{SECONDS:.0f} s: {connections} connections, {packets} packets, {taken}+{refused} alerts"
    )
    record_property(
        "other account", f"{len(probe['taken'])} taken, longest {probe['longest_s'] * 1000:.0f} ms"
    )
    assert min(connections, packets) > 1000
    assert refused > 0
    assert probe["failed"] == [], probe
    assert len(probe["taken"]) > SECONDS / 2
    assert probe["longest_s"] < ANSWERED_WITHIN_S
    minutes = SECONDS // 60 + 2
    assert taken <= 120 * minutes
    assert {abuse["how"] for abuse in relay.unmapped("relay abused")} == {
        "garbage",
        "too many alerts",
        "too many connections",
    }
    assert {abuse["peer_uid"] for abuse in relay.unmapped("relay abused")} == {eve.uid}
    assert relay.end() == 0
    events = [json.loads(line) for line in relay.lines() if line]
    assert set(probe["taken"]) <= {event["metadata"]["uid"] for event in events}
    assert verify(relay.lines()).problems == ()
    assert "ceo" not in {event["actor"]["user"]["name"] for event in events}


POISON = """
import socket, sys
for packet in sys.argv[2:]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.connect(sys.argv[1])
        connection.send(packet.encode("utf-8", "surrogateescape"))
        print(connection.recv(4096).decode(), flush=True)
"""
ALERT = (
    '{"form":1,"finding_id":"f","record_id":"%s","kind":"intruder","activity":1,"severity":5,"time_unix_ns":%s,'
    '"user":"u","host":"h","message":"m","reasons":[],"detail":{"x":%s}}'
)


def test_no_packet_ends_the_relay_or_its_next_start(
    relay: RelayService, eve: UserAccount, ada: UserAccount
) -> None:
    packets = [
        ALERT % ("r1", 10**19, 1),
        ALERT % ("r2", 1, "1e999"),
        ALERT % ("\\ud800", 1, 1),
        ALERT % ("a\\r\\nX-Evil: 1", 1, 1),
        ALERT % ("r3", 1, "NaN"),
    ]
    child = eve.start(POISON, relay.path, *packets)
    out, _ = child.communicate(timeout=20)
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer["never"] for answer in answers] == [True] * len(packets)
    for _ in range(3):
        assert said(ada.start(PROBE, relay.path, 1.0))["failed"] == []
        relay.child.kill()
        relay.child.wait()
        relay.start()
    assert relay.end() == 0
    assert verify(relay.lines()).problems == ()
    assert relay.unmapped("intruder")
    assert {event["peer_uid"] for event in relay.unmapped("intruder")} == {ada.uid}


@pytest.mark.parametrize(
    "content", ["", "{", '{"number": 1e999}', "[" * 50_000, '{"chain":"\\ud800"}', "\xff"]
)
def test_a_relay_starts_on_damaged_files_and_says_so(
    accounts: dict[str, UserAccount], public_dir: Path, ada: UserAccount, content: str
) -> None:
    service = RelayService(public_dir, accounts["relay"])
    for name in ("chain.json", "agents.json"):
        file = service.state / name
        file.write_bytes(content.encode("latin-1"))
        file.chmod(0o600)
        os.chown(file, service.account.uid, service.account.gid)
    service.start()
    assert said(ada.start(PROBE, service.path, 1.0))["failed"] == []
    assert service.end() == 0
    assert len(service.unmapped("file damaged")) == 2
    for name in ("chain.json", "agents.json"):
        assert (service.state / f"{name}.damaged").read_bytes() == content.encode("latin-1")
    assert verify(service.lines()).problems == ()
