"""Journal entries read back by the documented rules, from a socket like the journal's."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.alert import Severity
from agent.alerts.api import DeliveryOutcome
from agent.alerts.ocsf import Product, to_ocsf
from agent.alerts.transports.journald import Journald
from tests.agent.alerts.fakes import STREAM, make_record


def event(record: Any) -> dict[str, Any]:
    return to_ocsf(record, Product("0.1.0", "Linux"))


def fields_of(datagram: bytes) -> dict[str, str]:
    """The native protocol, read as its documentation says."""
    found = {}
    while datagram:
        line, _, rest = datagram.partition(b"\n")
        if b"=" in line:
            name, _, value = line.partition(b"=")
        else:
            name, (size,) = line, struct.unpack("<Q", rest[:8])
            value, rest = rest[8 : 8 + size], rest[8 + size :]
            assert rest.startswith(b"\n")
            rest = rest[1:]
        assert name.decode().replace("_", "A").isalnum()
        assert name == name.upper()
        found[name.decode()] = value.decode()
        datagram = rest
    return found


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind(str(tmp_path / "socket"))
        yield bound


def test_every_alert_is_one_entry(journal: socket.socket, tmp_path: Path) -> None:
    records = [make_record(n, message="one\ntwo = żółw") for n in range(3)]
    sent = Journald(event, str(tmp_path / "socket")).send(records)
    assert (sent.accepted, sent.outcome) == (3, DeliveryOutcome.OK)
    for record in records:
        told = fields_of(journal.recv(1 << 20))
        assert told["MESSAGE"] == "one\ntwo = żółw"
        assert told["PRIORITY"] == "3"
        assert told["SYSLOG_IDENTIFIER"] == "steadyhand"
        assert told["STEADYHAND_EVENT_ID"] == record.alert.record_id
        assert told["STEADYHAND_STREAM"] == STREAM
        assert json.loads(told["STEADYHAND_OCSF"]) == event(record)


def test_graver_alerts_have_smaller_priorities(journal: socket.socket, tmp_path: Path) -> None:
    Journald(event, str(tmp_path / "socket")).send([make_record(severity=s) for s in sorted(Severity)])
    assert [fields_of(journal.recv(1 << 20))["PRIORITY"] for _ in Severity] == ["6", "5", "4", "3", "2"]


def test_no_journal(tmp_path: Path) -> None:
    sent = Journald(event, str(tmp_path / "none")).send([make_record()])
    assert (sent.accepted, sent.outcome) == (0, DeliveryOutcome.RETRY)
    assert "No such file" in sent.detail


@pytest.mark.usefixtures("journal")
def test_a_journal_that_reads_nothing_does_not_hang_it(tmp_path: Path) -> None:
    sent = Journald(event, str(tmp_path / "socket"), timeout_s=0.1).send([make_record() for _ in range(2000)])
    assert 0 < sent.accepted < 2000
    assert sent.outcome is DeliveryOutcome.RETRY
    assert "does not read" in sent.detail
