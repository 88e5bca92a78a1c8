"""The tests that need POSIX: tests/posix_only.toml, read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class PosixOnly:
    """Modules that cannot be imported on Windows, and tests that are skipped there.

    Attributes
    ----------
    modules : tuple of str
        Paths of files and folders.
    reasons : tuple of (str, str)
        Beginning of a test's name, and why it is skipped.
    """

    modules: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...]

    @classmethod
    @cache
    def read(cls) -> PosixOnly:
        """The table beside this file."""
        table = tomllib.loads(Path(__file__).with_name("posix_only.toml").read_text(encoding="utf-8"))
        return cls(
            tuple(path for paths in table["modules"].values() for path in paths),
            tuple((name, reason) for reason, names in table["tests"].items() for name in names),
        )

    def is_module(self, path: str) -> bool:
        """True where the module or folder is left out."""
        return path in self.modules

    def reason(self, nodeid: str) -> str:
        """Why a test is skipped; empty where it is not."""
        return next((reason for name, reason in self.reasons if nodeid.startswith(name)), "")
