"""Administrators' folder: where policies and public keys are, by operating system and nothing else."""

from __future__ import annotations

import ctypes
import sys
import uuid
from pathlib import Path
from typing import Any, Final

_PROGRAM_DATA: Final = uuid.UUID("62AB5D82-FDC1-4DC3-A9DD-070D1D495D97")
"""FOLDERID_ProgramData: Windows' own word, where %ProgramData% is anybody's."""
_USUAL: Final = Path("C:/ProgramData")


def system_administrators_dir() -> Path:
    """The folder of policies and public keys. No environment variable moves it."""
    if sys.platform == "win32":
        return program_data() / "Steadyhand"
    if sys.platform == "darwin":
        return Path("/Library/Application Support/Steadyhand")
    return Path("/etc/steadyhand")


def program_data(load: Any = None) -> Path:
    """SHGetKnownFolderPath: the folder of all users' program data; its usual place where Windows does not say.

    Parameters
    ----------
    load : callable, optional
        Loads a library; ctypes.WinDLL.
    """
    loaded = load or ctypes.WinDLL  # type: ignore[attr-defined]  # exists on Windows only
    name = ctypes.c_wchar_p()
    failed = loaded("shell32").SHGetKnownFolderPath(_PROGRAM_DATA.bytes_le, 0, None, ctypes.byref(name))
    folder = Path(name.value or "") if not failed else _USUAL
    loaded("ole32").CoTaskMemFree(ctypes.cast(name, ctypes.c_void_p))
    return folder
