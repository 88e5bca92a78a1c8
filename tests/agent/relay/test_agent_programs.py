"""Who speaks as the agent and is not: looked at by the program check, and not taken for a sign of life."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.alerts.alert import AlertKind
from agent.alerts.wire import alert_to_json
from agent.config.absence_settings import AbsenceSettings
from agent.host.linux.processes import program_of
from agent.host.listener_program import ListenerProgram, ProgramKind
from agent.relay.active_sessions import ShownSession
from agent.relay.agent_programs import ENDED, AgentPrograms, Speaker, SpeakerVerdict
from agent.relay.intake import Intake
from agent.relay.register_file import RegisterFile
from agent.relay.session_guard import SessionGuard
from tests.agent.alerts.fakes import Clock, make_alert
from tests.agent.relay.bench import Kept
from tests.agent.relay.test_session_guard import AtOnce, Screen, Watch

AGENT, FORGER, GONE = 100, 200, 300
PROGRAMS = {
    AGENT: ListenerProgram(ProgramKind.AGENT, "/usr/lib/steadyhand/steadyhand"),
    FORGER: ListenerProgram(ProgramKind.FOREIGN, "/usr/bin/python3"),
    GONE: ListenerProgram(ProgramKind.UNKNOWN, ENDED),
}


class Check:
    """The program check: answers by script, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, pid: int) -> ListenerProgram:
        self.asked.append(pid)
        return PROGRAMS.get(pid, ListenerProgram(ProgramKind.UNKNOWN))


class Office:
    """A relay over one session, with a clock that is set by hand."""

    def __init__(self, folder: Path) -> None:
        self.taken, self.clock, self.check, self.screen = Kept(), Clock(), Check(), Screen()
        guard = SessionGuard(
            AbsenceSettings(answer="lock", after_s=30),
            lambda: (ShownSession("2", 0, "seat0"),),
            self.screen,  # type: ignore[arg-type]
            Watch(),
            AtOnce(),
        )
        programs = AgentPrograms(self.check, AtOnce())
        file = RegisterFile(folder / "agents.json", "boot-1")
        self.intake = Intake(self.taken, file, "desk-7", self.clock, lambda: 9, guard, "", programs)
        self.intake.begin()

    def say(self, kind: AlertKind, pid: int) -> None:
        answer = self.intake.answer(alert_to_json(make_alert(kind=kind)).encode(), self.intake.peer(pid, 0))
        assert "taken" in answer
        self.intake.tick()

    def go_on(self, seconds: int, speaker: int = 0) -> None:
        for second in range(seconds):
            self.clock.forward(1)
            if speaker and second % 20 == 0:
                self.say(AlertKind.HEARTBEAT, speaker)
            self.intake.tick()

    def kinds(self) -> list[AlertKind]:
        own = [alert for alert in self.taken.alerts if alert.detail.get("by") == "relay"]
        return [alert.kind for alert in own if alert.kind is not AlertKind.HEARTBEAT]


@pytest.mark.parametrize("forger", [FORGER, GONE])
def test_forged_signs_of_life_keep_no_session_open(tmp_path: Path, forger: int) -> None:
    office = Office(tmp_path)
    office.say(AlertKind.STARTED, AGENT)
    office.go_on(60, AGENT)
    assert office.kinds() == []
    assert office.intake.last_agent() == Speaker(0, AGENT)
    office.intake.process_ended(0)
    office.go_on(60, forger)
    assert office.screen.done == ["lock"]
    assert office.kinds() == [AlertKind.RELAY_ABUSED, AlertKind.SILENT, AlertKind.LOCK_RESULT]
    (abuse,) = [alert for alert in office.taken.alerts if alert.kind is AlertKind.RELAY_ABUSED]
    assert abuse.detail["how"] == "not the agent"
    assert office.intake.last_agent() is None


def test_the_agent_is_heard_beside_a_forger_and_looked_at_once(tmp_path: Path) -> None:
    office = Office(tmp_path)
    for _ in range(10):
        office.say(AlertKind.HEARTBEAT, FORGER)
        office.say(AlertKind.HEARTBEAT, AGENT)
        office.go_on(20)
    assert AlertKind.SILENT not in office.kinds()
    assert office.check.asked == [FORGER, AGENT]


def test_a_process_number_that_comes_back_is_looked_at_anew(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.say(AlertKind.STARTED, AGENT)
    office.intake.process_ended(0)
    office.say(AlertKind.STARTED, AGENT)
    assert office.check.asked == [AGENT, AGENT]


def test_other_words_of_an_unknown_process_are_no_sign_of_life_and_not_worth_a_look(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.say(AlertKind.STARTED, AGENT)
    office.intake.process_ended(0)
    for _ in range(4):
        office.say(AlertKind.INTRUDER, FORGER)
        office.go_on(10)
    assert office.screen.done == ["lock"]
    assert office.check.asked == [AGENT]


def test_a_check_that_is_not_there_locks_nobody_out(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.say(AlertKind.STARTED, 999)
    office.go_on(200, 999)
    assert office.kinds() == []


def test_many_processes_of_an_account_are_forgotten_and_not_kept_for_ever() -> None:
    programs = AgentPrograms(Check(), AtOnce())
    for pid in range(1000, 1100):
        assert programs.verdict(Speaker(7, pid), ask=True) is SpeakerVerdict.NOT_YET
        programs.judged()
    assert len(programs._are_agents) <= 33


def test_the_check_says_of_a_process_that_has_ended_what_is_expected_here() -> None:
    pid = os.spawnlp(os.P_NOWAIT, "true", "true")
    os.waitpid(pid, 0)
    assert program_of(pid).doubt == ENDED
