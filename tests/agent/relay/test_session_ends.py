"""Agents that ended with their sessions are told from agents that were killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.alerts.alert import Alert, AlertKind, Severity
from agent.alerts.wire import alert_to_json
from agent.relay.accounts import Accounts, RelayAccount
from agent.relay.active_sessions import AccountsHere, accounts_here
from agent.relay.connections import Peer
from agent.relay.intake import Intake
from agent.relay.register_file import RegisterFile
from agent.relay.session_ends import SessionEnds
from tests.agent.alerts.fakes import make_alert

ADA = 1000
S = 1_000_000_000
SESSION = """# This is private data. Do not parse.
UID=1000
USER=ada
ACTIVE=1
STATE=active
REMOTE=0
TYPE=wayland
CLASS=user
SEAT=seat0
"""
SSH = SESSION.replace("SEAT=seat0\n", "").replace("REMOTE=0", "REMOTE=1").replace("TYPE=wayland", "TYPE=tty")


class OneComputer(Accounts):
    """A relay with one account, logind's files in a folder, and a clock that is set by hand."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.sessions = folder / "sessions"
        self.sessions.mkdir()
        self.now_s = 100.0
        self.taken: list[Alert] = []
        self.account = RelayAccount(ADA, "ada")
        self.intake = Intake(
            self,  # type: ignore[arg-type]
            RegisterFile(folder / "agents.json", "boot"),
            "desk-7",
            lambda: round(self.now_s * S),
            lambda: round(self.now_s * S),
            accounts=self,
            session_ends=SessionEnds(lambda: accounts_here(self.sessions)),
        )
        self.intake.begin()

    def of(self, uid: int) -> RelayAccount:
        assert uid == ADA
        return self.account

    def submit(self, alert: Alert) -> None:
        self.taken.append(alert)

    def depth(self) -> int:
        return 0

    def problems(self) -> tuple[str, ...]:
        return ()

    def log_in(self, name: str = "2", text: str = SESSION) -> None:
        (self.sessions / name).write_text(text)

    def log_out(self, name: str = "2") -> None:
        (self.sessions / name).unlink()

    def says(self, kind: AlertKind) -> None:
        packet = alert_to_json(make_alert(kind=kind)).encode()
        assert "taken" in self.intake.answer(packet, Peer(self.account, ADA, 4242))

    def passes(self, seconds: float) -> None:
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.now_s += 1.0
            self.intake.tick()

    def raised(self) -> list[AlertKind]:
        own = [alert for alert in self.taken if alert.detail.get("by") == "relay"]
        return [alert.kind for alert in own if alert.kind is not AlertKind.HEARTBEAT]


@pytest.fixture
def computer(tmp_path: Path) -> OneComputer:
    computer = OneComputer(tmp_path)
    computer.log_in()
    computer.says(AlertKind.STARTED)
    computer.passes(30)
    return computer


def test_an_agent_that_goes_with_its_display_and_session_has_ended(computer: OneComputer) -> None:
    computer.intake.process_ended(ADA)
    computer.passes(2)
    computer.log_out()
    computer.passes(600)
    assert computer.raised() == [AlertKind.STOPPED]
    (said,) = [alert for alert in computer.taken if alert.kind is AlertKind.STOPPED]
    assert (said.severity, said.user, said.detail["end"]) == (Severity.LOW, "ada", "session end")
    assert said.time_unix_ns < (130 + 20) * S, "before a query of silence lists the computer"


def test_a_session_that_logind_closes_is_over(computer: OneComputer) -> None:
    computer.log_in(text=SESSION.replace("STATE=active", "STATE=closing"))
    computer.passes(3)
    computer.intake.process_ended(ADA)
    computer.passes(600)
    assert computer.raised() == [AlertKind.STOPPED]


def test_an_agent_that_said_so_needs_no_second_word(computer: OneComputer) -> None:
    computer.log_out()
    computer.intake.process_ended(ADA)
    computer.passes(4)
    computer.says(AlertKind.STOPPED)
    computer.passes(600)
    assert computer.raised() == []


def test_killed_and_the_session_goes_on(computer: OneComputer) -> None:
    computer.intake.process_ended(ADA)
    computer.passes(600)
    assert computer.raised() == [AlertKind.SILENT]


def test_killed_a_while_before_the_logout(computer: OneComputer) -> None:
    computer.intake.process_ended(ADA)
    computer.passes(30)
    computer.log_out()
    computer.passes(600)
    assert computer.raised() == [AlertKind.SILENT]


def test_killed_long_after_the_logout(computer: OneComputer) -> None:
    computer.log_out()
    for _ in range(10):
        computer.says(AlertKind.HEARTBEAT)
        computer.passes(60)
    computer.intake.process_ended(ADA)
    computer.passes(600)
    assert computer.raised() == [AlertKind.SILENT]


def test_killed_while_another_session_of_the_account_goes_on(computer: OneComputer) -> None:
    computer.log_in("7", SSH)
    computer.passes(10)
    computer.intake.process_ended(ADA)
    computer.log_out()
    computer.passes(600)
    assert computer.raised() == [AlertKind.SILENT]


def test_killed_in_a_session_without_a_seat(tmp_path: Path) -> None:
    """Its programs may go on where logind has let it go."""
    computer = OneComputer(tmp_path)
    computer.log_in(text=SSH)
    computer.says(AlertKind.STARTED)
    computer.passes(30)
    computer.intake.process_ended(ADA)
    computer.log_out()
    computer.passes(600)
    assert computer.raised() == [AlertKind.SILENT]


def test_silent_without_an_end_of_its_process(computer: OneComputer) -> None:
    """Stopped by SIGSTOP, or where the kernel does not tell when it ends."""
    computer.log_out()
    computer.passes(600)
    assert computer.raised() == [AlertKind.SILENT]


def test_where_files_cannot_be_read_nobody_is_said_to_have_gone(computer: OneComputer) -> None:
    (computer.sessions / "9").mkdir()  # a file that is none: reading it is an error
    computer.passes(10)
    computer.intake.process_ended(ADA)
    computer.log_out()
    computer.passes(10)
    (computer.sessions / "9").rmdir()
    computer.passes(600)
    assert computer.raised() == [AlertKind.SILENT]


def test_without_logind_nobody_is_said_to_have_gone(computer: OneComputer) -> None:
    computer.intake.process_ended(ADA)
    computer.log_out()
    computer.sessions.rmdir()
    computer.passes(600)
    assert computer.raised() == [AlertKind.SILENT]


def test_the_next_agent_of_the_account_is_watched_again(computer: OneComputer) -> None:
    computer.intake.process_ended(ADA)
    computer.log_out()
    computer.passes(60)
    computer.log_in()
    computer.says(AlertKind.STARTED)
    computer.passes(600)
    assert computer.raised() == [AlertKind.STOPPED, AlertKind.SILENT]


def test_accounts_by_their_sessions(tmp_path: Path) -> None:
    assert accounts_here(tmp_path / "none") is None
    (tmp_path / "2").write_text(SESSION)
    (tmp_path / "3").write_text(SSH.replace("UID=1000", "UID=1001"))
    (tmp_path / "4").write_text(SESSION.replace("CLASS=user", "CLASS=greeter").replace("UID=1000", "UID=120"))
    (tmp_path / "5").write_text(SSH.replace("CLASS=user", "CLASS=manager").replace("UID=1000", "UID=1002"))
    (tmp_path / "6").write_text(SSH.replace("STATE=active", "STATE=closing").replace("UID=1000", "UID=1003"))
    assert accounts_here(tmp_path) == AccountsHere(frozenset({1000}), frozenset({1000, 1001, 120, 1003}))
