"""Optional libraries of the extra `deep`: import with a clear error where they are missing."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.engine.errors import SteadyhandError


class LibraryMissing(SteadyhandError):
    """A detector cannot be fitted, since a library is not installed. Others can."""


class LeftOut(UserWarning):
    """A detector that was asked for is left out."""


def library(name: str, detector: str) -> Any:
    """Import a library of the extra `deep`.

    Raises
    ------
    LibraryMissing
        Naming the detector that needs it and how to install it.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise LibraryMissing(
            f"{detector} is fitted with {name.split('.')[0]}, which is not installed",
            "pip install 'steadyhand[deep]', or leave the detector out",
        ) from error


@contextmanager
def on_one_thread(torch: Any) -> Iterator[None]:
    """These networks are small: more threads wait for each other longer than they compute, and add up in any order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def halves(
    folds: Sequence[NDArray[np.float32]],
) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]:
    """The even folds and the odd ones: a model of each is cheaper than one for each fold left out."""
    return list(folds[0::2]), list(folds[1::2])


def unseen(folds: Sequence[NDArray[np.float32]]) -> NDArray[np.int32]:
    """For each fold which of the two models never saw it: the even folds' saw the even ones."""
    return (1 - np.arange(len(folds)) % 2).astype(np.int32)
