"""The table of tests that need POSIX names tests that exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.posix_only import PosixOnly

ROOT = Path(__file__).parents[2]
TABLE = PosixOnly.read()


@pytest.mark.parametrize("path", TABLE.modules)
def test_modules_are_there(path: str) -> None:
    assert (ROOT / path).exists()
    assert TABLE.is_module(path)


@pytest.mark.parametrize(("name", "reason"), TABLE.reasons)
def test_tests_are_there(name: str, reason: str) -> None:
    path, _, test = name.partition("::")
    assert f"def {test}" in (ROOT / path).read_text(encoding="utf-8") if test else (ROOT / path).is_file()
    assert TABLE.reason(name + "[a parameter]") == reason


def test_any_other_test_is_not_skipped() -> None:
    assert TABLE.reason("tests/agent/engine/test_verifier.py::test_x") == ""
    assert not TABLE.is_module("tests/agent/engine")
