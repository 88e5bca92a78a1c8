"""Where the administrators' folder is: Windows' own word, never the environment's."""

from __future__ import annotations

import ctypes
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.files.administrators_dir import program_data


@pytest.mark.parametrize(("failed", "folder"), [(0, r"D:\ProgramData"), (0x80070002, "C:/ProgramData")])
def test_windows_says_where_program_data_is(failed: int, folder: str) -> None:
    freed = []

    def known_folder(identifier: bytes, flags: int, token: Any, name: Any) -> int:
        assert identifier.hex() == "825dab62c1fdc34da9dd070d1d495d97"
        if not failed:
            name._obj.value = r"D:\ProgramData"
        return failed

    libraries = {
        "shell32": SimpleNamespace(SHGetKnownFolderPath=known_folder),
        "ole32": SimpleNamespace(CoTaskMemFree=lambda pointer: freed.append(pointer)),
    }
    assert program_data(libraries.__getitem__) == Path(folder)
    assert len(freed) == 1
    assert isinstance(freed[0], ctypes.c_void_p)
