"""Exit codes of the `steadyhand` command."""

from __future__ import annotations

DONE, FOUND_WRONG, CALLED_WRONGLY = 0, 1, 2
