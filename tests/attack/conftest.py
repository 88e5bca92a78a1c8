"""The same private display as the end-to-end tests have, and unprivileged accounts."""

from __future__ import annotations

from tests.attack.accounts import accounts, ada, eve, public_dir
from tests.e2e.conftest import bare_display, display

__all__ = ["accounts", "ada", "bare_display", "display", "eve", "public_dir"]
