"""Standard streams of a program: there even where a windowed one has none, and with nothing that steers a terminal."""

from __future__ import annotations

import errno
import io
import logging
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, TextIO

from agent.engine.visible_text import visible

_NAMES: Final = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))
_LAYOUT: Final = "\n\t"


class VisibleStream:
    """Text stream that writes to another one, and makes visible whatever would steer a terminal.

    Line ends and tabs pass: where a single name must stay on its line, `visible` is applied to the name.

    Parameters
    ----------
    underlying : TextIO
        Whatever else is asked of the stream, this one answers.
    """

    def __init__(self, underlying: TextIO) -> None:
        self.underlying = underlying

    def write(self, text: str) -> int:
        """Write `text`; the number of its characters."""
        self.underlying.write(visible(text, keep=_LAYOUT))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of `lines`."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.underlying, name)


class VisibleFormatter(logging.Formatter):
    """Log formatter: one line a record, whatever its names hold; a traceback keeps its lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        return visible(super().formatMessage(record))


def provide_streams() -> None:
    """Give what is missing a stream to nowhere; let none fail on a letter, and none steer a terminal."""
    for name, mode in _NAMES:
        if getattr(sys, name) is None:
            # For the life of the process.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
        if not isinstance(stream, VisibleStream):
            setattr(sys, name, VisibleStream(stream))


def log_to_stderr(level: int, form: str) -> None:
    """Write log records of at least `level` to standard error, in `form`; nothing where logging is set up already."""
    handler = logging.StreamHandler()
    handler.setFormatter(VisibleFormatter(form))
    logging.basicConfig(level=level, handlers=[handler])


def log_to_file(path: Path, level: int, form: str) -> None:
    """Write log records of at least `level` to a private file, in `form`, for a program that nobody sees the output of.

    Takes the place of a log that was set up before: the relay's service is started by a command with one of its own.

    Parameters
    ----------
    path : Path
        Made with the first record; its folder is private. Beside it stand the two files before, of 1 MB each.
    level : int
    form : str
    """
    from logging.handlers import RotatingFileHandler  # the agent of a desktop does without

    handler = RotatingFileHandler(path, maxBytes=1_000_000, backupCount=2, encoding="utf-8", delay=True)
    handler.setFormatter(VisibleFormatter(form))
    logging.basicConfig(level=level, handlers=[handler], force=True)


def steerable(stream: TextIO) -> TextIO:
    """The stream behind a `VisibleStream`, for a progress bar that redraws its line; any other is returned as it is."""
    return stream.underlying if isinstance(stream, VisibleStream) else stream


def is_broken_pipe(error: OSError) -> bool:
    """True if whoever read the output has gone: Windows says EINVAL where other systems say EPIPE."""
    return isinstance(error, BrokenPipeError) or (sys.platform == "win32" and error.errno == errno.EINVAL)
