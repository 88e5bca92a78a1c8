"""X connection without what few connections here ever use: the keyboard's map and the list of visuals."""

from __future__ import annotations

from typing import Any

from Xlib.display import Display


class LeanDisplay(Display):  # type: ignore[misc]  # python-xlib has no annotations
    """A python-xlib Display without visuals, and without the map of keys until it is needed: half a megabyte less.

    Parameters
    ----------
    display : str or None
        As python-xlib takes it.
    """

    def __init__(self, display: str | None = None) -> None:
        self._keys_wanted = False
        super().__init__(display)
        for screen in self.display.info.roots:
            screen.allowed_depths.clear()

    def _update_keymap(self, first_keycode: int, count: int) -> None:
        if self._keys_wanted:
            super()._update_keymap(first_keycode, count)

    def keysym_to_keycodes(self, keysym: int) -> Any:
        """See `Display.keysym_to_keycodes`."""
        self._fetch_keymap()
        return super().keysym_to_keycodes(keysym)

    def keysym_to_keycode(self, keysym: int) -> int:
        """See `Display.keysym_to_keycode`."""
        self._fetch_keymap()
        return int(super().keysym_to_keycode(keysym))

    def keycode_to_keysym(self, keycode: int, index: int) -> int:
        """See `Display.keycode_to_keysym`."""
        self._fetch_keymap()
        return int(super().keycode_to_keysym(keycode, index))

    def _fetch_keymap(self) -> None:
        if not self._keys_wanted:
            self._keys_wanted = True
            first, last = self.display.info.min_keycode, self.display.info.max_keycode
            self._update_keymap(first, last - first + 1)
