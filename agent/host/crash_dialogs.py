"""Crash dialogs of Windows: a program that crashes or lacks a library waits there until somebody presses a button."""

from __future__ import annotations

import ctypes
import sys
from typing import Any, Final

# SEM_FAILCRITICALERRORS and SEM_NOGPFAULTERRORBOX. Reference: SetErrorMode (learn.microsoft.com); run under Wine 8.0,
# which shows no such dialog.
_NO_DIALOGS: Final = 0x1 | 0x2


def end_without_dialogs(load: Any = None) -> None:
    """Have this process, and those that it starts from now on, end at once where Windows would ask first.

    Parameters
    ----------
    load : callable, optional
        Loads a library; ctypes.WinDLL. Elsewhere nothing is done.
    """
    if load is None and sys.platform != "win32":
        return
    kernel = (load or ctypes.WinDLL)("kernel32")  # type: ignore[attr-defined]  # exists on Windows only
    kernel.SetErrorMode(kernel.GetErrorMode() | _NO_DIALOGS)
