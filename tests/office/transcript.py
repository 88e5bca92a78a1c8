"""What the administrator typed and saw, from the first command to the last."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from enroll.cli import main


class Transcript:
    """Types commands of one office, and writes down each with what it printed.

    Parameters
    ----------
    capsys : pytest.CaptureFixture
    passphrase_file : Path
    """

    def __init__(self, capsys: pytest.CaptureFixture[str], passphrase_file: Path) -> None:
        self._capsys = capsys
        self._passphrase_file = passphrase_file
        self.lines: list[str] = []

    def chapter(self, title: str) -> None:
        """A heading."""
        self.lines += ["", f"# {title}"]

    def note(self, text: str) -> None:
        """What is not typed here: what happens at the desks."""
        self.lines.append(f"  ({text})")

    def __call__(self, *words: object, code: int = 0) -> str:
        self._capsys.readouterr()
        typed = [str(word) for word in words]
        secret = ["--passphrase-file", str(self._passphrase_file)] if self._needs_passphrase(typed) else []
        ended = main([*typed, *secret])
        printed = self._capsys.readouterr()
        assert ended == code, (typed, printed)
        text = printed.out if code != 2 else printed.err
        self.lines.append("$ steadyhand-enroll " + " ".join(f"'{w}'" if " " in w else w for w in typed))
        shown = text.splitlines()
        self.lines += shown[:8] + ([f"… {len(shown) - 8} lines more"] if len(shown) > 8 else [])
        return text

    @staticmethod
    def _needs_passphrase(typed: list[str]) -> bool:
        with_key = {"init", "receive", "cohort", "train", "publish", "shadow-all", "leave", "excuse"}
        keys = typed[:2] == ["office", "keys"] and typed[2] in ("rotate", "replace", "helpdesk", "add")
        return typed[0] == "fleet" or (typed[0] == "office" and (typed[1] in with_key or keys))

    def text(self, *hidden: Path) -> str:
        """The whole, without the folders of this run."""
        whole = "\n".join(self.lines).lstrip() + "\n"
        for folder, name in zip(hidden, ("/srv/office", "/srv"), strict=False):
            whole = whole.replace(str(folder), name)
        return re.sub(r"\n{3,}", "\n\n", whole)
