"""Hook silence: devices move, and the hook says nothing. Pure.

Windows removes a hook that answers too slowly, without a word. Raw input is heard all the same.
"""

from __future__ import annotations

from typing import Final

_SILENT_NS: Final = 500_000_000
# A mouse that trembles on its desk tells a count now and then, which moves no pointer.
_PAUSE_NS: Final = 250_000_000
_LEAST_COUNTS: Final = 40
_MOVING_NS: Final = 1_000_000_000
# By which hook and raw input may be apart.
_APART_NS: Final = 50_000_000


class HookSilence:
    """Sums up what devices moved since the hook was last heard."""

    def __init__(self) -> None:
        self._hook_ns: int | None = None
        self._began_ns: int | None = None
        self._last_ns = 0
        self._counts = 0

    def hook_heard(self, t_ns: int) -> None:
        """The hook told of something at `t_ns`."""
        self._hook_ns = t_ns
        if self._began_ns is not None and self._last_ns <= t_ns + _APART_NS:
            self._began_ns = None

    def device_moved(self, t_ns: int, counts: int) -> None:
        """A device with a handle of its own moved by so many counts."""
        if self._hook_ns is not None and t_ns <= self._hook_ns + _APART_NS:
            return
        if self._began_ns is None or t_ns - self._last_ns > _PAUSE_NS:
            self._began_ns, self._counts = t_ns, 0
        self._last_ns = t_ns
        self._counts += counts

    def is_silent(self, now_ns: int) -> bool:
        """True while devices have been moving for half a second without a word of the hook."""
        if self._began_ns is None or now_ns - self._last_ns > _MOVING_NS:
            return False
        return self._last_ns - self._began_ns >= _SILENT_NS and self._counts >= _LEAST_COUNTS

    def restart(self) -> None:
        """Begin anew: the hook was set again."""
        self._hook_ns = self._began_ns = None
