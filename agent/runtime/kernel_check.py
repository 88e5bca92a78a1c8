"""Kernel check: whether the compiled kernel that is installed belongs to this agent."""

from __future__ import annotations

from _fastfeat.stream import require_kernel
from agent.engine.errors import SteadyhandError


def require_own_kernel() -> None:
    """Check the kernel before anything relies on it.

    Raises
    ------
    SteadyhandError
        If it was compiled for another version: its figures would bear wrong names.
    """
    try:
        require_kernel()
    except RuntimeError as error:
        hint = "install Steadyhand again; in a checkout: python setup.py build_ext --inplace"
        raise SteadyhandError(
            "the compiled kernel (_fastfeat) is of another version than the agent", hint
        ) from error
