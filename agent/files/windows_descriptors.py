"""Security descriptors of Windows: of open kernel objects, and from their text; the account of a token.

Run under Wine 8.0, never on Windows itself. References (learn.microsoft.com): GetSecurityInfo, SetSecurityInfo,
GetTokenInformation, ConvertStringSecurityDescriptorToSecurityDescriptorW.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from agent.files.windows_library import windows_library

_KERNEL_OBJECT: Final = 6
_OWNER: Final = 0x1
_LIST: Final = 0x4
_TOKEN_USER: Final = 1
_REVISION: Final = 1
_HERE: Final = Path("this process")


def token_sid(token: int) -> str:
    """The SID of the account that a token stands for.

    Raises
    ------
    OSError
        If Windows does not tell.
    """
    security = windows_library("advapi32")
    size = ctypes.c_uint32()
    security.GetTokenInformation(token, _TOKEN_USER, None, 0, ctypes.byref(size))
    user = ctypes.create_string_buffer(max(1, size.value))
    checked(security.GetTokenInformation(token, _TOKEN_USER, user, size, ctypes.byref(size)), _HERE)
    # TOKEN_USER begins with the pointer to the SID.
    return _sid_text(ctypes.cast(user, ctypes.POINTER(ctypes.c_void_p))[0])


def handle_owner(handle: int) -> str:
    """The SID of the owner of an open kernel object, such as a pipe.

    Raises
    ------
    OSError
        If Windows does not tell.
    """
    owner, descriptor = ctypes.c_void_p(), ctypes.c_void_p()
    failed = windows_library("advapi32").GetSecurityInfo(
        handle, _KERNEL_OBJECT, _OWNER, ctypes.byref(owner), None, None, None, ctypes.byref(descriptor)
    )
    if failed:
        raise OSError(0, f"Windows does not tell whose it is (error {failed})")
    try:
        return _sid_text(owner.value)
    finally:
        free_local(descriptor)


def handle_list(handle: int) -> str:
    """The access list of an open kernel object, as text.

    Raises
    ------
    OSError
        If Windows does not tell.
    """
    security = windows_library("advapi32")
    descriptor, text = ctypes.c_void_p(), ctypes.c_wchar_p()
    failed = security.GetSecurityInfo(
        handle, _KERNEL_OBJECT, _LIST, None, None, None, None, ctypes.byref(descriptor)
    )
    if failed:
        raise OSError(0, f"Windows does not tell who may use it (error {failed})")
    try:
        checked(
            security.ConvertSecurityDescriptorToStringSecurityDescriptorW(
                descriptor, _REVISION, _LIST, ctypes.byref(text), None
            ),
            _HERE,
        )
        return text.value or ""
    finally:
        free_local(text)
        free_local(descriptor)


def set_handle_list(handle: int, entries: int | None) -> None:
    """Give an open kernel object another access list, by the list's address.

    Raises
    ------
    OSError
        If Windows does not do it.
    """
    failed = windows_library("advapi32").SetSecurityInfo(
        handle, _KERNEL_OBJECT, _LIST, None, None, entries, None
    )
    if failed:
        raise OSError(0, f"Windows does not change who may use it (error {failed})")


@contextlib.contextmanager
def security_descriptor(sddl: str) -> Iterator[int]:
    """A security descriptor while the block runs: its address.

    Raises
    ------
    OSError
        If Windows does not take the text.
    """
    descriptor = ctypes.c_void_p()
    checked(
        windows_library("advapi32").ConvertStringSecurityDescriptorToSecurityDescriptorW(
            sddl, _REVISION, ctypes.byref(descriptor), None
        ),
        _HERE,
    )
    try:
        yield descriptor.value or 0
    finally:
        free_local(descriptor)


def _sid_text(sid: int | None) -> str:
    text = ctypes.c_wchar_p()
    checked(windows_library("advapi32").ConvertSidToStringSidW(sid, ctypes.byref(text)), _HERE)
    try:
        return text.value or ""
    finally:
        free_local(text)


def free_local(pointer: Any) -> None:
    """LocalFree: what Windows made for the caller."""
    windows_library("kernel32").LocalFree(ctypes.cast(pointer, ctypes.c_void_p))


def checked(done: int, path: Path) -> None:
    """Raise OSError, with the number that Windows gives, where a call has failed."""
    if not done:
        error = getattr(ctypes, "get_last_error", int)()
        raise OSError(0, f"Windows does not tell who may use it (error {error})", str(path))
