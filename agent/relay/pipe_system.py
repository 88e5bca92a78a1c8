"""Pipe system of the relay: the functions of Windows that its pipe transport needs, as one table that tests replace.

Run under Wine 8.0, never on Windows itself.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Final, Protocol

from agent.files.named_pipes import PipeEnd, PipeMessage
from agent.files.pipe_endpoints import create_pipe, wait_for_any
from agent.files.pipe_identity import client_process, client_sid, server_sid
from agent.files.windows_library import windows_library

_SYNCHRONIZE: Final = 0x100000
_QUERY_LIMITED: Final = 0x1000
_SIGNALED: Final = 0


class PipeInstance(Protocol):
    """One instance of the pipe, offered or connected. In the service: `agent.files.named_pipes.PipeEnd`."""

    handle: int

    @property
    def event(self) -> int:
        """The handle of what is set once the begun read or connect is over."""

    def begin_connect(self) -> None:
        """Let a client connect."""

    def begin_read(self) -> None:
        """Wait for a message."""

    def is_ready(self) -> bool:
        """Whether what was begun is over."""

    def end(self) -> PipeMessage:
        """What was read."""

    def write(self, content: bytes, timeout_s: float) -> None:
        """Write one message."""

    def close(self) -> None:
        """Hang up."""


class PipeSystem(Protocol):
    """What is needed of Windows. Nothing here blocks but `wait`."""

    def create(self, *, is_first: bool) -> PipeInstance:
        """Make an instance. Raises OSError."""

    def wait(self, handles: Sequence[int], timeout_s: float) -> None:
        """Block until one of the handles is set."""

    def owner(self, handle: int) -> str:
        """The SID of whoever made the pipe. Raises OSError."""

    def client(self, handle: int) -> str:
        """The SID of the account at the other end, once a message was read. Raises OSError."""

    def client_process(self, handle: int) -> int:
        """Its process, by its own word; 0 where Windows has none."""

    def open_process(self, pid: int) -> int:
        """A handle that is set once the process has ended; 0 where it is closed to this account."""

    def has_ended(self, process: int) -> bool:
        """Whether a process of `open_process` has ended."""

    def release(self, process: int) -> None:
        """Close a handle of `open_process`."""


class RealPipeSystem:
    """`PipeSystem` by Windows' own functions.

    Parameters
    ----------
    pipe, sddl : str
        Name, and owner and access list.
    """

    def __init__(self, pipe: str, sddl: str) -> None:
        self._pipe = pipe
        self._sddl = sddl

    def create(self, *, is_first: bool) -> PipeEnd:
        """See `PipeSystem.create`."""
        return create_pipe(self._pipe, self._sddl, is_first=is_first)

    def wait(self, handles: Sequence[int], timeout_s: float) -> None:
        """See `PipeSystem.wait`."""
        wait_for_any(handles, timeout_s)

    def owner(self, handle: int) -> str:
        """See `PipeSystem.owner`."""
        return server_sid(handle)

    def client(self, handle: int) -> str:
        """See `PipeSystem.client`."""
        return client_sid(handle)

    def client_process(self, handle: int) -> int:
        """See `PipeSystem.client_process`."""
        return client_process(handle)

    def open_process(self, pid: int) -> int:
        """See `PipeSystem.open_process`."""
        kernel = windows_library("kernel32")
        return int(kernel.OpenProcess(_SYNCHRONIZE | _QUERY_LIMITED, False, ctypes.c_uint32(pid)) or 0)

    def has_ended(self, process: int) -> bool:
        """See `PipeSystem.has_ended`."""
        return bool(windows_library("kernel32").WaitForSingleObject(process, 0) == _SIGNALED)

    def release(self, process: int) -> None:
        """See `PipeSystem.release`."""
        windows_library("kernel32").CloseHandle(process)
