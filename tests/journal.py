"""Journal of a long run: what each check brought, on the screen and in a file."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TextIO

Check = tuple[str, Callable[[], object]]
"""What is checked, and what checks it."""

_FAILURES: Final = (
    AssertionError,
    ValueError,
    LookupError,
    RuntimeError,
    OSError,
    subprocess.SubprocessError,
)


class Journal:
    """Writes each line to the screen and to the log, and counts the checks that failed.

    Parameters
    ----------
    log : TextIO
    """

    def __init__(self, log: TextIO) -> None:
        self._log = log
        self.failed = 0

    def write(self, line: str) -> None:
        """One line, at once."""
        for file in (sys.stdout, self._log):
            file.write(f"{line}\n")
            file.flush()

    def check(
        self, where: str, check: Check, on_failure: Callable[[int], object] = lambda number: None
    ) -> None:
        """Make one check and say how it went; `on_failure` is told its number among those that failed."""
        what, do = check
        began = time.monotonic()
        try:
            answer, word = do(), "ok"
        except _FAILURES as why:
            answer, word = f"{type(why).__name__}: {why}", "FAILED"
            self.failed += 1
            on_failure(self.failed)
        self.write(f"{where}: {what}: {word} ({time.monotonic() - began:.0f} s) {answer}")

    def introduce(self, root: Path, source: str) -> None:
        """Say which commits the tests, and the package, are of."""
        words = ["git", "describe", "--always", "--abbrev=40", "--dirty"]
        head = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False).stdout.strip()
        self.write(f"tests at commit {head}; the package was built from commit {source}")
