"""Pictures of a display, without any program to take them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from Xlib import X
from Xlib.display import Display


def screenshot(display: Display, path: Path) -> Path:
    """Save what the display shows as PNG.

    Parameters
    ----------
    display : Xlib.display.Display
        A display with 24 bits of colour in 32 (Xvfb's depth 24).
    path : Path
        The file; its folder must be there.

    Returns
    -------
    Path
        The file.
    """
    root = display.screen().root
    size = root.get_geometry()
    raw = root.get_image(0, 0, size.width, size.height, X.ZPixmap, 0xFFFFFFFF)
    Image.frombytes("RGB", (size.width, size.height), raw.data, "raw", "BGRX").save(path)
    return path
