"""The libraries of the extra `deep`: there or not there, and if not, said in clear words."""

from __future__ import annotations

import importlib
from typing import Any

from agent.engine.errors import SteadyhandError


class LibraryMissing(SteadyhandError):
    """A detector cannot be fitted, since a library is not installed. Others can."""


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
