"""Identity over a named pipe: which account is at the other end, by Windows' own word.

The client's account is the SID of the token that the server gets by ImpersonateNamedPipeClient once it has read a
message, and not that of the process which GetNamedPipeClientProcessId names: that number is the client's to forge (by
a control code of the pipe's driver), it may be another process's by the time it is looked up, and a service's own
account may not open the tokens of others' processes. The number is a hint alone. Clients let a server identify them and
no more, so that nothing can be done in their names.

The server's account is the owner of the pipe: an ordinary account can make nobody but itself owner of anything.
"""

from __future__ import annotations

import ctypes
import os
from typing import Final

from agent.files.windows_descriptors import handle_owner, token_sid
from agent.files.windows_library import windows_library

ANONYMOUS: Final = "S-1-5-7"
_QUERY: Final = 0x8


def client_process(handle: int) -> int:
    """The number of the process that connected, as it says itself; 0 where Windows has none."""
    number = ctypes.c_uint32()
    windows_library("kernel32").GetNamedPipeClientProcessId(handle, ctypes.byref(number))
    return int(number.value)


def client_sid(handle: int) -> str:
    """The SID of the account that sent the message which was read last.

    Raises
    ------
    OSError
        If the client does not let itself be identified, or Windows does not tell.
    """
    kernel, security = windows_library("kernel32"), windows_library("advapi32")
    if not security.ImpersonateNamedPipeClient(handle):
        raise OSError(0, "Windows does not say who is at the other end of the pipe")
    token = ctypes.c_void_p()
    try:
        opened = security.OpenThreadToken(kernel.GetCurrentThread(), _QUERY, True, ctypes.byref(token))
    finally:
        if not security.RevertToSelf():
            # Whoever goes on now would act as the client: Microsoft's page has the process end.
            os._exit(1)
    if not opened or token.value is None:
        raise OSError(0, "the token of the pipe's client cannot be read")
    try:
        sid = token_sid(token.value)
    finally:
        kernel.CloseHandle(token)
    if sid == ANONYMOUS:
        raise OSError(0, "the pipe's client does not say who it is")
    return sid


def server_sid(handle: int) -> str:
    """The SID of the account that made the pipe whose client end this is.

    Raises
    ------
    OSError
        If Windows does not tell.
    """
    return handle_owner(handle)
