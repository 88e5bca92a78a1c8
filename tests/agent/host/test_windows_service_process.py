"""The service's side of the service manager's protocol, over a scripted manager: which states it reports, and when."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pytest

from agent.engine.errors import SteadyhandError
from agent.host.windows import service_process
from agent.host.windows.service_process import ServiceProcess

START_PENDING, STOP_PENDING, RUNNING, STOPPED = 2, 3, 4, 1
STOP, INTERROGATE, SHUTDOWN, PAUSE = 1, 4, 5, 2
NOT_IMPLEMENTED, SERVICE_SPECIFIC = 120, 1066
STATUS_HANDLE = 77


class Manager:
    """The functions of Windows; runs the service when it is dispatched, and sends it controls from inside its work."""

    def __init__(self) -> None:
        self.states: list[tuple[int, int, int]] = []
        self.accepted: list[int] = []
        self.is_set = False
        self.started_by_hand = False
        self.control: Callable[[int], int] = lambda control: -1

    def CreateEventW(self, *_: object) -> int:
        return 5

    def SetEvent(self, _event: int) -> None:
        self.is_set = True

    def ResetEvent(self, _event: int) -> None:
        self.is_set = False

    def RegisterServiceCtrlHandlerExW(self, name: str, handler: Any, _context: object) -> int:
        assert name == "SteadyhandRelay"
        self.control = lambda control: int(handler(control, 0, None, None))
        return STATUS_HANDLE

    def SetServiceStatus(self, handle: int, status: Any) -> bool:
        assert handle == STATUS_HANDLE
        reported = status._obj
        self.states.append((reported.state, reported.exit_code, reported.specific_code))
        self.accepted.append(reported.accepts)
        return True

    def StartServiceCtrlDispatcherW(self, table: Any) -> bool:
        if self.started_by_hand:
            return False
        assert (table[0].name, table[1].name) == ("SteadyhandRelay", None)
        ctypes.CFUNCTYPE(None, ctypes.c_uint32, ctypes.c_void_p)(table[0].main)(0, None)
        return True


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Manager:
    made = Manager()
    monkeypatch.setattr(service_process, "windows_library", lambda _name: made)
    monkeypatch.setattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE, raising=False)
    return made


def test_a_service_reports_its_start_its_run_and_its_end(manager: Manager) -> None:
    def work(service: ServiceProcess) -> None:
        service.ready()
        assert not service.is_stopping
        assert manager.control(INTERROGATE) == 0
        assert manager.control(PAUSE) == NOT_IMPLEMENTED
        assert manager.control(STOP) == 0
        assert service.is_stopping
        assert manager.is_set
        service.quiet()
        assert manager.is_set, "an end that was asked for stays heard"

    ServiceProcess("SteadyhandRelay", work).run()
    states = [state for state, _, _ in manager.states]
    assert states == [START_PENDING, RUNNING, STOP_PENDING, STOPPED]
    assert manager.states[-1] == (STOPPED, 0, 0)
    assert manager.accepted == [0, 0x1 | 0x4, 0, 0]


def test_a_shutdown_of_the_computer_ends_it_too(manager: Manager) -> None:
    def work(service: ServiceProcess) -> None:
        manager.control(SHUTDOWN)
        assert service.is_stopping

    ServiceProcess("SteadyhandRelay", work).run()
    assert manager.states[-1] == (STOPPED, 0, 0)


def test_what_its_work_raises_ends_it_as_failed_so_that_it_is_started_again(manager: Manager) -> None:
    def work(_service: ServiceProcess) -> None:
        raise SteadyhandError("the pipe belongs to somebody else", "end that program")

    ServiceProcess("SteadyhandRelay", work).run()
    assert manager.states == [(START_PENDING, 0, 0), (STOPPED, SERVICE_SPECIFIC, 1)]


def test_a_bell_rings_until_it_is_quieted(manager: Manager) -> None:
    service = ServiceProcess("SteadyhandRelay", lambda _: None)
    service.ring()
    assert manager.is_set
    service.quiet()
    assert not manager.is_set


def test_a_start_by_hand_is_refused_in_one_line(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    manager.started_by_hand = True
    monkeypatch.setattr(ctypes, "get_last_error", lambda: 1063, raising=False)
    with pytest.raises(SteadyhandError, match=r"this is a Windows service.*sc start SteadyhandRelay"):
        ServiceProcess("SteadyhandRelay", lambda _: None).run()
    monkeypatch.setattr(ctypes, "get_last_error", lambda: 5, raising=False)
    with pytest.raises(SteadyhandError, match=r"does not answer \(error 5\)"):
        ServiceProcess("SteadyhandRelay", lambda _: None).run()
