"""What the tests of networks share."""

from __future__ import annotations

from typing import Any

import pytest

from enroll.fit import deep


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra is not installed."""
    import_module = deep.importlib.import_module

    def missing(name: str) -> Any:
        if name.split(".")[0] in ("torch", "hmmlearn"):
            raise ImportError(name)
        return import_module(name)

    monkeypatch.setattr(deep.importlib, "import_module", missing)
