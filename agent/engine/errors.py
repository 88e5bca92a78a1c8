"""The error that people see: one line that says what, where and what to do."""

from __future__ import annotations


class SteadyhandError(Exception):
    """Something that its reader can mend.

    Parameters
    ----------
    what : str
        What is wrong, and where (the file, the key, the argument).
    mend : str
        What to do about it.
    """

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(f"{what}: {mend}")
        self.what = what
        self.mend = mend

    def __reduce__(self) -> tuple[type[SteadyhandError], tuple[str, str]]:
        """So that it travels whole from a worker process."""
        return type(self), (self.what, self.mend)
