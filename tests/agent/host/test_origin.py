"""Whose session and which computer, from what this computer knows by itself."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from agent.host.linux.bus import BusError
from agent.host.linux.logind import LogindSession
from agent.host.origin import read_origin

HOSTS = "127.0.0.1 localhost\n127.0.1.1 desk-7.office.example desk-7 # desk-7.comment\n"


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    (tmp_path / "hosts").write_text(HOSTS)
    return tmp_path / "hosts"


def test_a_local_account_on_a_computer_with_a_full_name(hosts: Path) -> None:
    origin = read_origin(
        "ada", "desk-7", {"session": "c2", "seat": "seat0", "remote": False, "display": ""}, hosts
    )
    assert origin["fqdn"] == "desk-7.office.example"
    assert (origin["session"], origin["seat"], origin["remote"]) == ("c2", "seat0", False)
    assert origin["uid"] == str(os.getuid())
    assert not {"domain", "display"} & origin.keys(), "what is not known is left out"


@pytest.mark.parametrize(
    ("account", "domain"), [("OFFICE\\ada", "OFFICE"), ("ada@office.example", "office.example")]
)
def test_the_domain_of_a_directory(account: str, domain: str, hosts: Path) -> None:
    assert read_origin(account, "desk-7", {}, hosts)["domain"] == domain


def test_without_a_file_of_hosts_and_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_way_out(*_: object) -> None:
        raise OSError("network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", no_way_out)
    origin = read_origin("ada", "desk-7", {}, tmp_path / "none")
    assert not {"fqdn", "ip"} & origin.keys()
    assert read_origin("ada", "desk-7.example", {}, tmp_path / "none")["fqdn"] == "desk-7.example"


def test_what_logind_tells_of_the_session(bus: Any) -> None:
    session = "org.freedesktop.login1.Session"
    bus.answers["org.freedesktop.login1.Manager.GetSession"] = ("/s",)
    bus.answers[f"{session}.Id"] = "c2"
    bus.answers[f"{session}.Display"] = ":0"
    bus.answers[f"{session}.Type"] = "x11"
    bus.answers[f"{session}.Remote"] = True
    bus.answers[f"{session}.RemoteHost"] = "10.0.0.9"
    bus.answers[f"{session}.Seat"] = ("seat0", "/seat")
    assert LogindSession(bus).facts() == {
        "session": "c2",
        "seat": "seat0",
        "display": ":0",
        "type": "x11",
        "remote": True,
        "remote_host": "10.0.0.9",
    }


def test_without_logind_nothing_is_told(bus: Any) -> None:
    bus.answers["org.freedesktop.login1.Manager.GetSession"] = BusError("nobody")
    assert LogindSession(bus).facts() == {}
