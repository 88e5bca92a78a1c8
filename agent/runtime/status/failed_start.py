"""Failed start: what keeps the agent from starting stands in the status, and not what the run before saw."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from agent.engine.errors import SteadyhandError
from agent.runtime.status.snapshot import State, Status
from agent.runtime.status.status_file import write_status


@contextlib.contextmanager
def failure_in_status(path: Path, user: str) -> Iterator[None]:
    """Write a `SteadyhandError` of the block to the status file, and raise it.

    Parameters
    ----------
    path : Path
        The status file; the caller holds the lock of the one running agent.
    user : str
    """
    try:
        yield
    except SteadyhandError as error:
        with contextlib.suppress(SteadyhandError, OSError):  # it may be the folder that cannot be written to
            write_status(path, Status(State.FAILED, str(error), user=user))
        raise
