"""Standard streams of a program that may have none, as a windowed one on Windows or one of a service manager."""

from __future__ import annotations

import errno
import io
import os
import sys

_NAMES = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def provide_streams() -> None:
    """Give what is missing a stream to nowhere, and let none fail on a letter that its code page lacks."""
    for name, mode in _NAMES:
        if getattr(sys, name) is None:
            # For the life of the process.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def is_broken_pipe(error: OSError) -> bool:
    """True if whoever read the output has gone: Windows says EINVAL where other systems say EPIPE."""
    return isinstance(error, BrokenPipeError) or (sys.platform == "win32" and error.errno == errno.EINVAL)
