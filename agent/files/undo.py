"""Undo: what was opened or made goes away again where the work on it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def undo_on_failure(undo: Callable[[], object]) -> Iterator[None]:
    """Call `undo` where the block raises, also for an interrupt, and let what it raised go on.

    Parameters
    ----------
    undo : callable
        Such as the `close` of what the block prepares.
    """
    try:
        yield
    except BaseException:
        undo()
        raise
