"""Dialogues: windows that a program without a console says something in, and that the person closes.

Windows only: elsewhere a program has a terminal or its service manager's log. Run under Wine.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from typing import Any, Final

_INFORMATION: Final = 0x40
_FOREGROUND: Final = 0x10000

ShowDialogue = Callable[[str, str], bool]
"""Title and text to whether a window with them was shown and closed by somebody. Blocks until then."""


def dialogues(platform: str = sys.platform) -> ShowDialogue | None:
    """How this system shows a dialogue; None where it has none."""
    return show_message if platform == "win32" else None


def show_message(title: str, text: str, load: Any = None) -> bool:
    """MessageBoxW: show a window with one button, and wait until somebody closes it.

    Parameters
    ----------
    title, text : str
    load : callable, optional
        Loads a library; ctypes.WinDLL.

    Returns
    -------
    bool
        False where there is no desktop to show it on.
    """
    user32 = (load or ctypes.WinDLL)("user32")  # type: ignore[attr-defined]  # exists on Windows only
    return bool(
        user32.MessageBoxW(None, ctypes.c_wchar_p(text), ctypes.c_wchar_p(title), _INFORMATION | _FOREGROUND)
    )
