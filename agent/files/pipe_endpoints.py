"""Endpoints of named pipes of Windows: instances that are offered, and connections to them.

Run under Wine 8.0, which leaves FILE_FLAG_FIRST_PIPE_INSTANCE and PIPE_REJECT_REMOTE_CLIENTS without effect; never on
Windows itself. References (learn.microsoft.com): CreateNamedPipeW, CreateFileW, WaitNamedPipeW,
SetNamedPipeHandleState, "Named Pipe Security and Access Rights".
"""

from __future__ import annotations

import ctypes
import errno
import time
from collections.abc import Sequence
from typing import Final

from agent.files.named_pipes import MOST_MESSAGE, PipeEnd, last_error, windows_error
from agent.files.windows_descriptors import security_descriptor
from agent.files.windows_library import windows_library

MOST_WAITED_FOR: Final = 64
"""Of WaitForMultipleObjects."""
CLIENT_RIGHTS: Final = 0x120183
"""What a client needs: read, write, both attributes, the access list, waiting. Not the right to make an instance."""
_PREFIX: Final = "\\\\.\\pipe\\"
_DUPLEX, _OVERLAPPED, _FIRST_INSTANCE = 0x3, 0x40000000, 0x80000
# Security quality of service: who listens may see who the client is, and not act as the client.
_IDENTIFIED_ONLY: Final = 0x100000 | 0x10000 | 0x80000
_MESSAGES, _LOCAL_CLIENTS_ONLY = 0x4 | 0x2, 0x8
_READ_MESSAGES: Final = 0x2
_MOST_INSTANCES: Final = 255
_OPEN_EXISTING: Final = 3
_INVALID: Final = ctypes.c_void_p(-1).value
_BUSY, _WAIT_TIMEOUT = 231, 121


class _SecurityAttributes(ctypes.Structure):
    """SECURITY_ATTRIBUTES."""

    _fields_ = (("size", ctypes.c_uint32), ("descriptor", ctypes.c_void_p), ("inherits", ctypes.c_int))


def is_pipe_name(name: str) -> bool:
    """Whether a name is a pipe's of this computer."""
    return name.startswith(_PREFIX)


def pipe_name(name: str) -> str:
    """The whole name of a pipe of this computer."""
    return _PREFIX + name


def create_pipe(name: str, sddl: str, *, is_first: bool) -> PipeEnd:
    """Make an instance of a pipe that no client of another computer reaches.

    Parameters
    ----------
    name : str
        As `pipe_name` gives it.
    sddl : str
        Owner and access list; those of the first instance hold.
    is_first : bool
        Whether there must be no instance yet.

    Raises
    ------
    OSError
        If it cannot be made; also where somebody else has made one of the name before.
    """
    kernel = windows_library("kernel32")
    with security_descriptor(sddl) as descriptor:
        attributes = _SecurityAttributes(ctypes.sizeof(_SecurityAttributes), descriptor, 0)
        flags = _DUPLEX | _OVERLAPPED | (_FIRST_INSTANCE if is_first else 0)
        sizes = (_MOST_INSTANCES, MOST_MESSAGE, MOST_MESSAGE, 0)
        handle = kernel.CreateNamedPipeW(
            name, flags, _MESSAGES | _LOCAL_CLIENTS_ONLY, *sizes, ctypes.byref(attributes)
        )
    if handle in (None, _INVALID):
        raise windows_error(last_error())
    return PipeEnd(int(handle))


def open_pipe(name: str, timeout_s: float) -> PipeEnd:
    """Connect to a pipe; waits for a free instance where all are taken.

    Raises
    ------
    OSError
        If there is none (FileNotFoundError), or it is closed to this account; TimeoutError where none is free in time.
    """
    kernel = windows_library("kernel32")
    end_s = time.monotonic() + timeout_s
    while True:
        handle = kernel.CreateFileW(
            name, CLIENT_RIGHTS, 0, None, _OPEN_EXISTING, _OVERLAPPED | _IDENTIFIED_ONLY, None
        )
        if handle not in (None, _INVALID):
            break
        error, left_s = last_error(), end_s - time.monotonic()
        if error != _BUSY:
            raise windows_error(error)
        if left_s <= 0:
            raise TimeoutError(errno.ETIMEDOUT, "all its places are taken")
        if not kernel.WaitNamedPipeW(name, max(1, round(left_s * 1000))) and last_error() != _WAIT_TIMEOUT:
            raise windows_error(last_error())
    pipe = PipeEnd(int(handle))
    mode = ctypes.c_uint32(_READ_MESSAGES)
    if not kernel.SetNamedPipeHandleState(pipe.handle, ctypes.byref(mode), None, None):
        error = last_error()
        pipe.close()
        raise windows_error(error)
    return pipe


def wait_for_any(handles: Sequence[int], timeout_s: float) -> None:
    """Block until one of at most `MOST_WAITED_FOR` handles is set, or `timeout_s` is over."""
    table = (ctypes.c_void_p * len(handles))(*handles)
    windows_library("kernel32").WaitForMultipleObjects(
        len(handles), table, False, max(0, round(timeout_s * 1000))
    )
