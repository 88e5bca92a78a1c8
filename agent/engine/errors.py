"""User-facing error: one line with what failed, where, and what to do."""

from __future__ import annotations

from agent.engine.visible_text import visible


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
        super().__init__(visible(f"{what}: {mend}"))
        self.what = what
        self.mend = mend

    def __reduce__(self) -> tuple[type[SteadyhandError], tuple[str, str]]:
        """Pickle support: the error crosses process boundaries with all its fields."""
        return type(self), (self.what, self.mend)
