"""Pillow's drawing without its library of letters: icons hold none, and FreeType takes 1.4 MB of the agent's memory."""

from __future__ import annotations

import sys

# An import of None fails, and Pillow then goes without. Whoever loaded it before keeps it.
sys.modules.setdefault("PIL._imagingft", None)  # type: ignore[arg-type]

from PIL.ImageDraw import Draw, ImageDraw  # noqa: E402

__all__ = ["Draw", "ImageDraw"]
