"""Access to this process on Windows: the relay's account may wait for its end and ask for its program, and no more.

A service of an account of its own may open no process of others: it would notice an agent's end by its silence alone.
Run under Wine 8.0, never on Windows itself. Reference (learn.microsoft.com): "Process Security and Access Rights".
"""

from __future__ import annotations

import ctypes
from typing import Final

from agent.files.windows_descriptors import handle_list, security_descriptor, set_handle_list
from agent.files.windows_library import windows_library

_SYNCHRONIZE_AND_QUERY_LIMITED: Final = 0x101000


def let_see(sid: str) -> None:
    """Let an account wait for this process's end, and see which program it runs.

    Raises
    ------
    OSError
        If Windows does not do it.
    """
    own = windows_library("kernel32").GetCurrentProcess()
    entry = f"(A;;{_SYNCHRONIZE_AND_QUERY_LIMITED:#x};;;{sid})"
    before = handle_list(own)
    if entry in before:
        return
    with security_descriptor(before + entry) as descriptor:
        entries, present, defaulted = ctypes.c_void_p(), ctypes.c_int(), ctypes.c_int()
        windows_library("advapi32").GetSecurityDescriptorDacl(
            descriptor, ctypes.byref(present), ctypes.byref(entries), ctypes.byref(defaulted)
        )
        set_handle_list(own, entries.value)
