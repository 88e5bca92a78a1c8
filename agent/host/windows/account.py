"""The account that this process runs under, by Windows' own word. Not run on Windows but under Wine."""

from __future__ import annotations

import ctypes
from typing import Any, Final

_LONGEST: Final = 257  # UNLEN, and the zero behind it


def account_name(load: Any = None) -> str:
    """GetUserNameW: the name of the process's account.

    Parameters
    ----------
    load : callable, optional
        Loads a library; ctypes.WinDLL.

    Raises
    ------
    OSError
        If Windows does not say.
    """
    advapi32 = (load or ctypes.WinDLL)("advapi32")  # type: ignore[attr-defined]  # exists on Windows only
    name = ctypes.create_unicode_buffer(_LONGEST)
    length = ctypes.c_uint32(_LONGEST)
    if not advapi32.GetUserNameW(name, ctypes.byref(length)):
        raise OSError("Windows does not say under which account this process runs")
    return name.value
