"""Secrets of one line, such as a token: in a file of their own that nobody else can read, never in settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.private import read_private

_MOST_BYTES: Final = 16_384


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A secret by its place.

    Attributes
    ----------
    setting : str
        The setting that names the file, for error texts.
    path : str
        Empty where none is set.
    """

    setting: str
    path: str = field(repr=False)

    def lines(self) -> tuple[str, ...]:
        """Its lines that are not empty, read afresh: secrets are renewed while the agent runs.

        Raises
        ------
        SteadyhandError
            If none is set, or it cannot be read, is open to others, or is not plain text.
        """
        if not self.path:
            raise SteadyhandError(f"{self.setting} is not set", "name a file with mode 0600 that holds it")
        try:
            content = read_private(Path(self.path), _MOST_BYTES)
        except FileNotFoundError as error:
            raise SteadyhandError(
                f"{self.setting} ({self.path}): there is no such file", "make it, with mode 0600"
            ) from error
        except SteadyhandError as error:
            raise SteadyhandError(f"{self.setting}: {error.what}", error.mend) from error
        try:
            lines = [line.strip() for line in content.decode("ascii").splitlines()]
        except UnicodeDecodeError:
            lines = []
        filled = tuple(filter(None, lines))
        if not filled or not all(line.isprintable() for line in filled):
            raise SteadyhandError(f"{self.setting} ({self.path}) is empty or not plain text", "mend the file")
        return filled

    def line(self) -> str:
        """The one line that it must have. Raises SteadyhandError as `lines`, and if there are more."""
        lines = self.lines()
        if len(lines) != 1:
            raise SteadyhandError(f"{self.setting} ({self.path}) has more than one line", "mend the file")
        return lines[0]
