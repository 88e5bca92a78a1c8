"""Keeper: whether the service runs that starts agents again (packaging/windows/keeper.c).

Run under Wine, never on Windows itself. Reference (learn.microsoft.com): OpenEventW.
"""

from __future__ import annotations

from typing import Any, Final

from agent.files.windows_library import windows_library

KEPT_EVENT: Final = "Global\\SteadyhandKeeper"
_SYNCHRONIZE: Final = 0x100000


def is_kept(kernel32: Any = None) -> bool:
    """True while the keeper's event exists. A program of the user may make one: then the agent only ends by itself more
    readily, as the program could end it.
    """
    kernel = kernel32 or windows_library("kernel32")
    event = kernel.OpenEventW(_SYNCHRONIZE, False, KEPT_EVENT)
    if not event:
        return False
    kernel.CloseHandle(event)
    return True
