"""Accounts and programs of others on Windows: a name for a SID, the program of a process.

Run under Wine 8.0, never on Windows itself. References (learn.microsoft.com): ConvertStringSidToSidW,
LookupAccountSidW, QueryFullProcessImageNameW.
"""

from __future__ import annotations

import ctypes
from typing import Final

from agent.files.windows_library import windows_library

_MOST_NAME: Final = 257
_MOST_PATH: Final = 32_768
_QUERY_LIMITED: Final = 0x1000


def account_of_sid(sid: str) -> str:
    """The account's name without its domain, as the agent of that account has it; the SID where nobody knows it.

    May ask a domain controller, and wait for it.
    """
    security = windows_library("advapi32")
    binary = ctypes.c_void_p()
    if not security.ConvertStringSidToSidW(sid, ctypes.byref(binary)):
        return sid
    name, domain = (ctypes.create_unicode_buffer(_MOST_NAME) for _ in range(2))
    lengths = (ctypes.c_uint32(_MOST_NAME), ctypes.c_uint32(_MOST_NAME))
    kind = ctypes.c_uint32()
    try:
        is_known = security.LookupAccountSidW(
            None, binary, name, ctypes.byref(lengths[0]), domain, ctypes.byref(lengths[1]), ctypes.byref(kind)
        )
    finally:
        windows_library("kernel32").LocalFree(binary)
    return name.value if is_known and name.value else sid


def process_program(pid: int) -> str:
    """The path of a process's program; empty where it has ended or is closed to this account."""
    kernel = windows_library("kernel32")
    process = kernel.OpenProcess(_QUERY_LIMITED, False, pid)
    if not process:
        return ""
    path, length = ctypes.create_unicode_buffer(_MOST_PATH), ctypes.c_uint32(_MOST_PATH)
    try:
        is_known = kernel.QueryFullProcessImageNameW(process, 0, path, ctypes.byref(length))
    finally:
        kernel.CloseHandle(process)
    return path.value if is_known else ""
