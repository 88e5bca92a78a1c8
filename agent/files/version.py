"""Version of the program, and the oldest one that can read what was made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError

FIRST: Final = "0.1.0"
"""Reads every feature, detector and array that `LATER` does not name."""

LATER: Final[Mapping[str, str]] = {}
"""Features and detectors by the version from which on agents know them: a line for each that a release adds."""

_PYPROJECT: Final = Path(__file__).parents[2] / "pyproject.toml"
_LINE: Final = re.compile(r'^version = "([0-9.]+)"$', re.MULTILINE)
_COMMIT_FILE: Final = _PYPROJECT.with_name("steadyhand-commit.txt")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(-dirty)?")


@dataclass(frozen=True, slots=True)
class ProgramVersion:
    """Version of a program, and the commit that it was packed from.

    Attributes
    ----------
    number : str
        ``0.2.0``; empty where it was not noted.
    commit : str
        Hexadecimal, as the release's signed provenance names it, with ``-dirty`` after a build from changed files;
        empty in a program that was not packed.
    """

    number: str = ""
    commit: str = ""

    @property
    def in_words(self) -> str:
        """``0.2.0 (commit 0123456789ab)``."""
        number = self.number or "an earlier version"
        return f"{number} (commit {self.commit[:12]})" if self.commit else number


@cache
def agent_version() -> str:
    """The version that `pyproject.toml` says: beside the source, in a packed program, else by the installed package.

    Raises
    ------
    SteadyhandError
        If the program was installed without it.
    """
    try:
        match = _LINE.search(_PYPROJECT.read_text(encoding="utf-8"))
    except OSError:
        match = None
    return match[1] if match else _installed()


def running_version(commit_file: Path = _COMMIT_FILE) -> ProgramVersion:
    """Version and commit of this program.

    Parameters
    ----------
    commit_file : Path
        Written by `packaging/frozen/steadyhand.spec` alone.

    Raises
    ------
    SteadyhandError
        If the program was installed without its version.
    """
    try:
        match = _COMMIT.fullmatch(commit_file.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError):
        match = None
    return ProgramVersion(agent_version(), match[0] if match else "")


def oldest_reader(names: Iterable[str], later: Mapping[str, str] = LATER) -> str:
    """The oldest version that knows all of these features and detectors."""
    return max((later.get(name, FIRST) for name in names), key=version_numbers, default=FIRST)


def version_numbers(text: str) -> tuple[int, ...]:
    """Numbers of a version; what is not a version counts as newer than any."""
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts):
        return (1_000_000,)
    return tuple(map(int, parts))


def _installed() -> str:
    # Costs two megabytes of imports: an agent that is installed from a package of the system has the file.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("steadyhand")
    except PackageNotFoundError as error:
        raise SteadyhandError("this Steadyhand does not know its version", "install it again") from error
