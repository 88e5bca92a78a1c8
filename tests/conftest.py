"""What holds for the whole suite."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.posix_only import PosixOnly

# As where the agent trains: two threads on matrices this small wait for each other, five times the CPU time and more.
# Before the first test imports NumPy, which reads it then; programs that tests start inherit it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# One example that the machine was too busy for says nothing of the code; every test has its own limit (pytest-timeout).
settings.register_profile("on any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("on any machine")

ROOT = Path(__file__).parents[1]


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """On Windows, leave out the modules that need POSIX to be imported."""
    if sys.platform == "win32" and PosixOnly.read().is_module(collection_path.relative_to(ROOT).as_posix()):
        return True
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On Windows, skip the tests that need POSIX, each with its reason."""
    if sys.platform != "win32":
        return
    posix_only = PosixOnly.read()
    for item in items:
        if reason := posix_only.reason(item.nodeid):
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_report_header() -> str:
    """How many modules are left out."""
    left_out = len(PosixOnly.read().modules) if sys.platform == "win32" else 0
    return f"left out, since they need POSIX: {left_out} modules (tests/posix_only.toml)" if left_out else ""
