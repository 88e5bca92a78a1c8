"""The same private display as the end-to-end tests have."""

from __future__ import annotations

from tests.e2e.conftest import bare_display, display

__all__ = ["bare_display", "display"]
