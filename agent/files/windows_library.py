"""Libraries of Windows by ctypes, with the types of the functions that this project calls by handles or pointers.

What is not declared is cut to 32 bits.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any, Final

_HANDLE: Final = ctypes.c_void_p
_POINTER: Final = ctypes.c_void_p
_NUMBER: Final = ctypes.c_uint32
_TEXT: Final = ctypes.c_wchar_p
_FLAG: Final = ctypes.c_int

_ARGUMENTS: Final[Mapping[str, Mapping[str, tuple[Any, ...]]]] = {
    "hid": {
        "HidD_GetProductString": (_HANDLE, _POINTER, _NUMBER),
        "HidD_GetSerialNumberString": (_HANDLE, _POINTER, _NUMBER),
    },
    "user32": {"GetWindowThreadProcessId": (_HANDLE, _POINTER)},
    "kernel32": {
        "CancelIoEx": (_HANDLE, _POINTER),
        "CloseHandle": (_HANDLE,),
        "ConnectNamedPipe": (_HANDLE, _POINTER),
        "CreateEventW": (_POINTER, _FLAG, _FLAG, _TEXT),
        "CreateFileW": (_TEXT, _NUMBER, _NUMBER, _POINTER, _NUMBER, _NUMBER, _HANDLE),
        "CreateNamedPipeW": (_TEXT, *(_NUMBER,) * 6, _POINTER),
        "GetNamedPipeClientProcessId": (_HANDLE, _POINTER),
        "GetOverlappedResult": (_HANDLE, _POINTER, _POINTER, _FLAG),
        "LocalFree": (_POINTER,),
        "OpenEventW": (_NUMBER, _FLAG, _TEXT),
        "OpenProcess": (_NUMBER, _FLAG, _NUMBER),
        "ProcessIdToSessionId": (_NUMBER, _POINTER),
        "QueryFullProcessImageNameW": (_HANDLE, _NUMBER, _TEXT, _POINTER),
        "ReadFile": (_HANDLE, _POINTER, _NUMBER, _POINTER, _POINTER),
        "ResetEvent": (_HANDLE,),
        "SetEvent": (_HANDLE,),
        "SetNamedPipeHandleState": (_HANDLE, _POINTER, _POINTER, _POINTER),
        "WaitForMultipleObjects": (_NUMBER, _POINTER, _FLAG, _NUMBER),
        "WaitForSingleObject": (_HANDLE, _NUMBER),
        "WaitNamedPipeW": (_TEXT, _NUMBER),
        "WriteFile": (_HANDLE, _POINTER, _NUMBER, _POINTER, _POINTER),
    },
    "advapi32": {
        "ConvertSecurityDescriptorToStringSecurityDescriptorW": (
            _POINTER,
            _NUMBER,
            _NUMBER,
            _POINTER,
            _POINTER,
        ),
        "ConvertSidToStringSidW": (_POINTER, _POINTER),
        "ConvertStringSecurityDescriptorToSecurityDescriptorW": (_TEXT, _NUMBER, _POINTER, _POINTER),
        "ConvertStringSidToSidW": (_TEXT, _POINTER),
        "GetNamedSecurityInfoW": (_TEXT, _NUMBER, _NUMBER, *(_POINTER,) * 5),
        "GetSecurityDescriptorDacl": (_POINTER, _POINTER, _POINTER, _POINTER),
        "GetSecurityInfo": (_HANDLE, _NUMBER, _NUMBER, *(_POINTER,) * 5),
        "GetTokenInformation": (_HANDLE, _NUMBER, _POINTER, _NUMBER, _POINTER),
        "ImpersonateNamedPipeClient": (_HANDLE,),
        "LookupAccountSidW": (_TEXT, _POINTER, _TEXT, _POINTER, _TEXT, _POINTER, _POINTER),
        "OpenProcessToken": (_HANDLE, _NUMBER, _POINTER),
        "OpenThreadToken": (_HANDLE, _NUMBER, _FLAG, _POINTER),
        "RegCloseKey": (_HANDLE,),
        "RegNotifyChangeKeyValue": (_HANDLE, _FLAG, _NUMBER, _HANDLE, _FLAG),
        "RegOpenKeyExW": (_HANDLE, _TEXT, _NUMBER, _NUMBER, _POINTER),
        "RegisterServiceCtrlHandlerExW": (_TEXT, _POINTER, _POINTER),
        "SetNamedSecurityInfoW": (_TEXT, _NUMBER, _NUMBER, *(_POINTER,) * 4),
        "SetSecurityInfo": (_HANDLE, _NUMBER, _NUMBER, *(_POINTER,) * 4),
        "SetServiceStatus": (_HANDLE, _POINTER),
        "StartServiceCtrlDispatcherW": (_POINTER,),
    },
}
_GIVE_HANDLES: Final[Mapping[str, tuple[str, ...]]] = {
    "user32": ("GetForegroundWindow",),
    "advapi32": ("RegisterServiceCtrlHandlerExW",),
    "kernel32": (
        *("CreateEventW", "CreateFileW", "CreateNamedPipeW", "GetCurrentProcess", "GetCurrentThread"),
        *("LocalFree", "OpenEventW", "OpenProcess"),
    ),
}


def windows_library(name: str) -> Any:
    """A library of Windows, with the types of what this project calls.

    Raises
    ------
    OSError
        On any other system.
    """
    loader = getattr(ctypes, "WinDLL", None)
    if loader is None:
        raise OSError(0, "there are no functions of Windows here", name)
    library = loader(name, use_last_error=True)
    for function, types in _ARGUMENTS.get(name, {}).items():
        getattr(library, function).argtypes = types
    for function in _GIVE_HANDLES.get(name, ()):
        getattr(library, function).restype = ctypes.c_void_p
    return library
