"""Linear algebra on one thread: with more, libraries add up in another order, and the last digits differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

P = ParamSpec("P")
T = TypeVar("T")


def one_thread(work: Callable[P, T]) -> Callable[P, T]:
    """A decorator: `work` gives the same numbers in any process, however many run beside it."""
    alone: Callable[P, T] = threadpool_limits.wrap(limits=1)(work)
    return alone
