"""Dialogs of Windows that a crash would wait in: switched off beside whatever was switched off before."""

from __future__ import annotations

from agent.host.crash_dialogs import end_without_dialogs

NO_ALIGNMENT_FAULTS, NO_CRITICAL_ERROR_BOX, NO_CRASH_BOX = 0x4, 0x1, 0x2


class Kernel:
    """The two functions."""

    def __init__(self) -> None:
        self.mode = NO_ALIGNMENT_FAULTS

    def GetErrorMode(self) -> int:
        return self.mode

    def SetErrorMode(self, mode: int) -> int:
        before, self.mode = self.mode, mode
        return before


def test_what_was_switched_off_before_stays_so() -> None:
    kernel = Kernel()
    end_without_dialogs({"kernel32": kernel}.__getitem__)
    assert kernel.mode == NO_ALIGNMENT_FAULTS | NO_CRITICAL_ERROR_BOX | NO_CRASH_BOX


def test_without_windows_nothing_happens() -> None:
    end_without_dialogs()
