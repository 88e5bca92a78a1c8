"""User-facing error: one line with what failed, where, and what to do."""

from __future__ import annotations

from typing import Final

from agent.engine.visible_text import visible

# A name or a value of a file may be as long as the file: its beginning and its end say enough.
_HEAD: Final = 420
_TAIL: Final = 150


def _shortened(text: str) -> str:
    return text if len(text) <= _HEAD + _TAIL + 3 else f"{text[:_HEAD]} … {text[-_TAIL:]}"


class SteadyhandError(Exception):
    """Error that its reader can correct; as text it is one line, whatever names it holds.

    Parameters
    ----------
    what : str
        What is wrong, and where (the file, the key, the argument).
    mend : str
        What to do about it.
    """

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(f"{_shortened(visible(what))}: {visible(mend)}")
        self.what = what
        self.mend = mend

    def __reduce__(self) -> tuple[type[SteadyhandError], tuple[str, str]]:
        """Pickle support: the error crosses process boundaries with all its fields."""
        return type(self), (self.what, self.mend)
