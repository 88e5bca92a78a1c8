"""Documents that hints name: where the package put them, else their place in the source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

INSTALLED: Final = (
    Path("/usr/share/doc/steadyhand/docs"),
    Path("/usr/share/doc/steadyhand-enroll/docs"),
)


def document_path(name: str, installed: Sequence[Path] = INSTALLED) -> str:
    """Where to read the document `name`, such as ``mouse.md``."""
    there = (folder / name for folder in installed if (folder / name).is_file())
    return str(next(there, f"docs/{name}"))
