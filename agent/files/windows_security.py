"""Owners and access lists of files on Windows, by its own functions.

The calls were run under Wine 8.0; what they report there are the mode bits of the computer below, so that checks are
left out. That a list is kept, and a file refused by it, was never seen on Windows itself.

Any thread; blocks for as long as the disk takes. References: GetNamedSecurityInfoW, SetNamedSecurityInfoW,
ConvertSecurityDescriptorToStringSecurityDescriptorW, GetTokenInformation (learn.microsoft.com).
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Final

from agent.files.windows_acl import (
    AccessList,
    check_administrators_list,
    check_private_list,
    check_unwritten_list,
    parse_sddl,
    private_sddl,
)
from agent.files.windows_descriptors import checked, free_local, security_descriptor, token_sid
from agent.files.windows_library import windows_library

_FILE_OBJECT: Final = 1
_OWNER: Final = 0x1
_LIST: Final = 0x4
_PROTECTED: Final = 0x80000000
_TOKEN_QUERY: Final = 0x8
_REVISION: Final = 1
_HERE: Final = Path("this process")


def check_own(path: Path, *, closed: bool) -> None:
    """Check that `path` is this user's (or the administrators'), and that nobody else can write it, or read it either.

    Parameters
    ----------
    path : Path
    closed : bool
        True where nobody else may read it.

    Raises
    ------
    SteadyhandError
        If it is not so.
    OSError
        If Windows does not tell.
    """
    if not keeps_access_lists():
        return
    check = check_private_list if closed else check_unwritten_list
    check(str(path), access_list(path), own_sid())


def check_administrators(path: Path) -> None:
    """Check that only administrators can have written `path`.

    Raises
    ------
    SteadyhandError
        If anybody else could have.
    OSError
        If Windows does not tell.
    """
    if keeps_access_lists():
        check_administrators_list(str(path), access_list(path))


def keeps_access_lists() -> bool:
    """False under Wine, where a file's mode on the computer below decides, and lists that are set have no effect."""
    return not hasattr(windows_library("ntdll"), "wine_get_version")


def access_list(path: Path) -> AccessList:
    """Who owns `path`, and what others may do with it.

    Raises
    ------
    OSError
        If Windows does not tell.
    """
    security = windows_library("advapi32")
    descriptor = ctypes.c_void_p()
    failed = security.GetNamedSecurityInfoW(
        str(path),
        _FILE_OBJECT,
        _OWNER | _LIST,
        None,
        None,
        None,
        None,
        ctypes.byref(descriptor),
    )
    if failed:
        raise OSError(0, f"Windows does not tell who may use it (error {failed})", str(path))
    text = ctypes.c_wchar_p()
    try:
        checked(
            security.ConvertSecurityDescriptorToStringSecurityDescriptorW(
                descriptor, _REVISION, _OWNER | _LIST, ctypes.byref(text), None
            ),
            path,
        )
        return parse_sddl(text.value or "")
    finally:
        free_local(text)
        free_local(descriptor)


def make_private(folder: Path) -> None:
    """Close `folder`, and all that will be made in it, to everybody but this user, the system and administrators.

    Raises
    ------
    OSError
        If Windows does not do it.
    """
    security = windows_library("advapi32")
    with security_descriptor(private_sddl(own_sid())) as descriptor:
        entries, present, defaulted = ctypes.c_void_p(), ctypes.c_int(), ctypes.c_int()
        checked(
            security.GetSecurityDescriptorDacl(
                descriptor, ctypes.byref(present), ctypes.byref(entries), ctypes.byref(defaulted)
            ),
            folder,
        )
        failed = security.SetNamedSecurityInfoW(
            str(folder), _FILE_OBJECT, _LIST | _PROTECTED, None, None, entries, None
        )
        if failed:
            raise OSError(0, f"Windows does not close it to others (error {failed})", str(folder))


def own_sid() -> str:
    """The SID of the user that this process runs as.

    Raises
    ------
    OSError
        If Windows does not tell.
    """
    kernel, security = windows_library("kernel32"), windows_library("advapi32")
    token = ctypes.c_void_p()
    checked(security.OpenProcessToken(kernel.GetCurrentProcess(), _TOKEN_QUERY, ctypes.byref(token)), _HERE)
    try:
        return token_sid(token.value or 0)
    finally:
        kernel.CloseHandle(token)
