"""Training child: one request to a process of its own over pipes, and its answer."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from typing import IO, BinaryIO, Final, cast

from agent.engine.errors import SteadyhandError
from agent.engine.events import StreamItem
from agent.files.stream import Session, write_stream
from agent.host.crash_dialogs import end_without_dialogs
from agent.standard_streams import is_broken_pipe

LOG: Final = logging.getLogger(__name__)

# NumPy's threads wait for one another: with one, training takes half the CPU time, and is not in the way.
_ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1"}
# A program with a console, started by one without, would get a window of its own.
_NO_WINDOW: Final = getattr(subprocess, "CREATE_NO_WINDOW", 0)
_MOST_ANSWER_BYTES: Final = 64 << 20


def run_training_child(
    command: Sequence[str],
    request: dict[str, object],
    on_file: Sequence[bytes],
    items: Iterable[StreamItem | Session],
) -> bytes:
    """Start the child, hand it everything over its standard input, and return what it writes.

    Parameters
    ----------
    command : sequence of str
    request : dict
        Becomes one JSON line.
    on_file : sequence of bytes
        Packed profiles that it compares with.
    items : iterable of StreamItem or Session
        The recorded stream.

    Raises
    ------
    SteadyhandError
        If the child fails, with the last line that it wrote about it.
    OSError
        If it cannot be started.
    """
    end_without_dialogs()
    with tempfile.TemporaryFile() as error_output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=error_output,
            env=_ONE_THREAD | os.environ,
            creationflags=_NO_WINDOW,
        )
        with child:
            assert child.stdin is not None
            assert child.stdout is not None
            _write_request(child.stdin, request, on_file, items)
            answer = child.stdout.read(_MOST_ANSWER_BYTES)
            code = child.wait()
        if code != 0:
            raise SteadyhandError(f"training ended with code {code}", _last_line(error_output))
    return answer


def _write_request(
    to_child: IO[bytes],
    request: dict[str, object],
    on_file: Sequence[bytes],
    items: Iterable[StreamItem | Session],
) -> None:
    """Write everything and close; what a child that has ended did not read is let go: its exit code says why."""
    try:
        to_child.write(json.dumps(request).encode() + b"\n")
        to_child.writelines(on_file)
        write_stream(cast(BinaryIO, to_child), items)
        to_child.close()
    except OSError as error:
        if not is_broken_pipe(error):
            raise
        # What is still buffered would be tried once more when it is closed.
        with contextlib.suppress(OSError):
            to_child.close()
        LOG.warning("the training child ended before it had read everything")


def _last_line(error_output: IO[bytes]) -> str:
    error_output.seek(0)
    lines = error_output.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing; see the log"
