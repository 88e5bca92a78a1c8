"""Windows service: the process side of the service manager's protocol.

Run under Wine 8.0's service manager, never on Windows itself. References (learn.microsoft.com):
StartServiceCtrlDispatcherW, RegisterServiceCtrlHandlerExW, SetServiceStatus, HandlerEx.
"""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Callable
from typing import Any, Final

from agent.engine.errors import SteadyhandError
from agent.files.windows_library import windows_library

_OWN_PROCESS: Final = 0x10
_STOPPED, _START_PENDING, _STOP_PENDING, _RUNNING = 1, 2, 3, 4
_ACCEPT_STOP_AND_SHUTDOWN: Final = 0x1 | 0x4
_STOP, _INTERROGATE, _SHUTDOWN = 1, 4, 5
_NO_ERROR, _NOT_IMPLEMENTED, _SERVICE_SPECIFIC = 0, 120, 1066
_NOT_STARTED_BY_MANAGER: Final = 1063
_WAIT_HINT_MS: Final = 15_000

_log = logging.getLogger(__name__)


class _Status(ctypes.Structure):
    """SERVICE_STATUS."""

    _fields_ = tuple(
        (name, ctypes.c_uint32)
        for name in ("kind", "state", "accepts", "exit_code", "specific_code", "checkpoint", "wait_hint_ms")
    )


class _Entry(ctypes.Structure):
    """SERVICE_TABLE_ENTRYW."""

    _fields_ = (("name", ctypes.c_wchar_p), ("main", ctypes.c_void_p))


class ServiceProcess:
    """This process as a service. `run` belongs to the main thread; the service's work runs on another.

    Parameters
    ----------
    name : str
        The service's.
    work : callable
        ``work(service)``: serves until `is_stopping`. Called once; whatever it raises ends the service as failed, and
        the service manager starts it again.
    """

    def __init__(self, name: str, work: Callable[[ServiceProcess], None]) -> None:
        self._name = name
        self._work = work
        self._security = windows_library("advapi32")
        self._kernel = windows_library("kernel32")
        self._status: int | None = None
        self._stopping = False
        self.bell = int(self._kernel.CreateEventW(None, True, False, None))
        """Handle of an event that is set when the service is to end, or by `ring`."""
        # Windows calls them for as long as the process lives.
        self._main = _main_type()(self._run_service)
        self._handler = _handler_type()(self._control)

    @property
    def is_stopping(self) -> bool:
        """Whether the service manager has asked for the end."""
        return self._stopping

    def run(self) -> None:
        """Serve until the service manager asks for the end.

        Raises
        ------
        SteadyhandError
            If the service manager has not started this process.
        """
        table = (_Entry * 2)(_Entry(self._name, ctypes.cast(self._main, ctypes.c_void_p)), _Entry())
        if self._security.StartServiceCtrlDispatcherW(table):
            return
        error = int(getattr(ctypes, "get_last_error", int)())
        if error == _NOT_STARTED_BY_MANAGER:
            raise SteadyhandError("this is a Windows service", f"start it: sc start {self._name}")
        raise SteadyhandError(
            f"the service manager does not answer (error {error})", "see the log of the system"
        )

    def ready(self) -> None:
        """Say that the service runs."""
        self._report(_RUNNING)

    def ring(self) -> None:
        """Wake the service's thread. Any thread."""
        self._kernel.SetEvent(self.bell)

    def quiet(self) -> None:
        """Let `bell` ring anew."""
        self._kernel.ResetEvent(self.bell)
        if self._stopping:
            self.ring()

    def _run_service(self, _count: int, _words: Any) -> None:
        """ServiceMain."""
        self._status = self._security.RegisterServiceCtrlHandlerExW(self._name, self._handler, None)
        self._report(_START_PENDING)
        failed = True
        try:
            self._work(self)
            failed = False
        except Exception:  # noqa: BLE001  a callback of Windows has nobody to raise to: its code tells the manager
            _log.exception("the service has failed")
        self._report(_STOPPED, failed=failed)

    def _control(self, control: int, _kind: int, _event: Any, _context: Any) -> int:
        """HandlerEx: runs on the main thread, and returns at once."""
        if control in (_STOP, _SHUTDOWN):
            self._stopping = True
            self._report(_STOP_PENDING)
            self.ring()
            return _NO_ERROR
        return _NO_ERROR if control == _INTERROGATE else _NOT_IMPLEMENTED

    def _report(self, state: int, *, failed: bool = False) -> None:
        is_pending = state in (_START_PENDING, _STOP_PENDING)
        status = _Status(
            _OWN_PROCESS,
            state,
            _ACCEPT_STOP_AND_SHUTDOWN if state == _RUNNING else 0,
            _SERVICE_SPECIFIC if failed else _NO_ERROR,
            1 if failed else 0,
            1 if is_pending else 0,
            _WAIT_HINT_MS if is_pending else 0,
        )
        if not self._security.SetServiceStatus(self._status, ctypes.byref(status)):
            _log.warning("the service manager does not take the state %d", state)


def _main_type() -> Any:
    return ctypes.WINFUNCTYPE(None, ctypes.c_uint32, ctypes.c_void_p)  # type: ignore[attr-defined]


def _handler_type() -> Any:
    words = (ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_void_p)
    return ctypes.WINFUNCTYPE(ctypes.c_uint32, *words)  # type: ignore[attr-defined]
