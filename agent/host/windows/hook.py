"""Hook decoder: turns what Windows' low-level mouse hook tells into events. Pure.

Reference (learn.microsoft.com/windows/win32): "MSLLHOOKSTRUCT structure" (api/winuser/ns-winuser-msllhookstruct). Run
under Wine and with scripted messages, not on Windows itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from agent.engine.events import Button, EventKind
from agent.host.tickclock import TickClock
from agent.host.windows.source_matching import HookEvent

_MOVE: Final = 0x0200
_PRESSES: Final = {0x0201: Button.LEFT, 0x0204: Button.RIGHT, 0x0207: Button.MIDDLE, 0x020B: Button.BACK}
_RELEASES: Final = {0x0202: Button.LEFT, 0x0205: Button.RIGHT, 0x0208: Button.MIDDLE, 0x020C: Button.BACK}
_WHEELS: Final = {
    0x020A: (Button.SCROLL_DOWN, Button.SCROLL_UP),
    0x020E: (Button.SCROLL_LEFT, Button.SCROLL_RIGHT),
}
_NOTCH: Final = 120
# LLMHF_INJECTED and LLMHF_LOWER_IL_INJECTED
_INJECTED: Final = 0x03


class HookDecoder:
    """Hands on the messages of WH_MOUSE_LL as events.

    Parameters
    ----------
    hand_on : callable
        Takes each event.
    screen : tuple of int
        Left, top, width and height of all monitors together, px.
    """

    def __init__(self, hand_on: Callable[[HookEvent], None], screen: tuple[int, int, int, int]) -> None:
        self.clock = TickClock()
        self.seen = 0
        self.at = (0, 0)
        self._hand_on = hand_on
        self._down = 0
        self._turned = dict.fromkeys(_WHEELS, 0)
        self.screen_is(screen)

    def screen_is(self, screen: tuple[int, int, int, int]) -> None:
        """Take the monitors as they are from now on; those left of and above the first have negative places."""
        left, top, width, height = screen
        self._box = (left, top, left + width - 1, top + height - 1)

    def take(self, message: int, message_data: Any, t_ns: int | None = None) -> None:
        """Hand on one message; `message_data` is pynput's MSLLHOOKSTRUCT. One thread at a time.

        `t_ns` is when it was heard, where somebody stamped it better than the message's own milliseconds, which step by
        15.6 on many systems.
        """
        left, top, right, bottom = self._box
        # The hook is told where the mouse would go; the pointer stays inside the monitors.
        x, y = min(max(message_data.pt.x, left), right), min(max(message_data.pt.y, top), bottom)
        step_x, step_y = message_data.pt.x - self.at[0], message_data.pt.y - self.at[1]
        self.seen += 1
        self.at = (x, y)
        synthetic = bool(message_data.flags & _INJECTED)
        t_ns = self.clock.t_ns(message_data.time) if t_ns is None else t_ns
        if message == _MOVE:
            kind, button = EventKind.DRAG if self._down else EventKind.MOVE, 0
        elif message in _PRESSES:
            kind, button = EventKind.PRESS, _button(_PRESSES[message], message_data.mouseData)
            self._down |= 1 << button
        elif message in _RELEASES:
            kind, button = EventKind.RELEASE, _button(_RELEASES[message], message_data.mouseData)
            self._down &= ~(1 << button)
        else:
            for direction in self._notches(message, message_data.mouseData):
                self._hand_on(HookEvent(t_ns, x, y, EventKind.SCROLL, direction, synthetic))
            return
        self._hand_on(HookEvent(t_ns, x, y, kind, button, synthetic, step_x, step_y))

    def _notches(self, message: int, mouse_data: int) -> list[int]:
        """One direction for each whole notch; fine wheels turn by fractions, which are kept."""
        if message not in _WHEELS:
            return []
        back, forth = _WHEELS[message]
        turned = self._turned[message] + _high_word(mouse_data)
        notches = int(turned / _NOTCH)
        self._turned[message] = turned - notches * _NOTCH
        return [forth if notches > 0 else back] * abs(notches)


def _high_word(mouse_data: int) -> int:
    """The signed upper half of mouseData."""
    word = mouse_data >> 16 & 0xFFFF
    return word - 0x10000 if word & 0x8000 else word


def _button(known: Button, mouse_data: int) -> int:
    """The two side buttons share their messages."""
    return Button.FORWARD if known is Button.BACK and _high_word(mouse_data) == 2 else known
