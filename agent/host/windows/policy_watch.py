"""Policy watch: hears of each change of the policy in the registry, without looking.

Run under Wine 8.0, never on Windows itself. Reference (learn.microsoft.com): RegNotifyChangeKeyValue. Group Policy may
remove the key and make it again, so the key above is watched for that.
"""

from __future__ import annotations

import ctypes
import logging
import threading
from collections.abc import Callable
from typing import Any, Final

from agent.files.pipe_endpoints import wait_for_any
from agent.files.windows_library import windows_library

_LOCAL_MACHINE: Final = 0x80000002
_ABOVE: Final = r"SOFTWARE\Policies"
_OWN: Final = rf"{_ABOVE}\Steadyhand"
_NOTIFY: Final = 0x10
# The view that Group Policy writes, whatever this process is.
_VIEW_64: Final = 0x100
_NAMES, _LAST_SET, _ANY_THREAD = 0x1, 0x4, 0x10000000
_NEVER_S: Final = 86_400.0
# Whoever writes a policy writes many values: they are read once.
_SETTLE_S: Final = 0.3

_log = logging.getLogger(__name__)


class PolicyWatch:
    """Calls back after each change. A thread of its own, which sleeps.

    Parameters
    ----------
    on_change : callable
        From that thread; it must not wait.

    Attributes
    ----------
    changes : int
        How many there were so far.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self.changes = 0
        self._stopping = threading.Event()
        self._kernel: Any = None
        self._stop = 0
        self._thread = threading.Thread(target=self._run, name="steadyhand-registry", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._kernel = windows_library("kernel32")
        self._stop = int(self._kernel.CreateEventW(None, True, False, None))
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        self._kernel.SetEvent(self._stop)
        self._thread.join(1.0)

    def _run(self) -> None:
        above, own = _WatchedKey(_ABOVE, subtree=False), _WatchedKey(_OWN, subtree=True)
        if not above.arm():
            _log.warning("changes of policy in the registry are not heard: it is read at every heartbeat")
            return
        own.arm()
        while not self._stopping.is_set():
            wait_for_any([self._stop, above.event, own.event], _NEVER_S)
            if self._stopping.wait(_SETTLE_S):
                break
            # Armed before policy is read: what changes meanwhile is a change again.
            above.arm()
            own.arm()
            self.changes += 1
            self._on_change()
        above.close()
        own.close()


class _WatchedKey:
    """One key of the registry; its event is set with the next change.

    Parameters
    ----------
    key : str
        Below HKEY_LOCAL_MACHINE.
    subtree : bool
        Whether changes of values below count, or only keys that come and go.
    """

    def __init__(self, key: str, *, subtree: bool) -> None:
        self._key = key
        self._subtree = subtree
        self._security = windows_library("advapi32")
        self._kernel = windows_library("kernel32")
        self._open: int | None = None
        self.event = int(self._kernel.CreateEventW(None, True, False, None))

    def arm(self) -> bool:
        """Wait for the next change; False where there is no such key."""
        self._release()
        self._kernel.ResetEvent(self.event)
        handle = ctypes.c_void_p()
        if self._security.RegOpenKeyExW(
            _LOCAL_MACHINE, self._key, 0, _NOTIFY | _VIEW_64, ctypes.byref(handle)
        ):
            return False
        self._open = handle.value
        wanted = _NAMES | _ANY_THREAD | (_LAST_SET if self._subtree else 0)
        failed = self._security.RegNotifyChangeKeyValue(self._open, self._subtree, wanted, self.event, True)
        return not failed

    def close(self) -> None:
        """Watch no longer."""
        self._release()
        self._kernel.CloseHandle(self.event)

    def _release(self) -> None:
        if self._open is not None:
            self._security.RegCloseKey(self._open)
            self._open = None
