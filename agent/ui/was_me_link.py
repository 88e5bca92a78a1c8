"""Link "That was me": what a page may offer where the desktop hands such links to Steadyhand.

A page holds no script and asks no server: its one way to the agent is a link that the package's desktop entry takes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

WAS_ME_LINK: Final = "steadyhand-was-me:"
ENTRY: Final = "steadyhand-was-me.desktop"
_DATA_DIRS: Final = "/usr/local/share:/usr/share"


def was_me_link(environment: Mapping[str, str] = os.environ) -> str:
    """The link; empty where no desktop entry takes it. Looks for a few files."""
    folders = (environment.get("XDG_DATA_DIRS") or _DATA_DIRS).split(":")
    installed = any(
        (Path(folder) / "applications" / ENTRY).is_file() for folder in folders if folder.startswith("/")
    )
    return WAS_ME_LINK if installed else ""
