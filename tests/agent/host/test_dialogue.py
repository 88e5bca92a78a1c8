"""Dialogues of Windows over a scripted user32."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.host.dialogue import dialogues, show_message


@pytest.mark.parametrize(("answer", "shown"), [(1, True), (0, False)])
def test_a_window_is_shown_when_windows_says_so(
    scripted: Callable[..., Any], answer: int, shown: bool
) -> None:
    user32 = scripted(MessageBoxW=answer)
    assert show_message("Steadyhand", "What it says", lambda name: user32) is shown
    ((_, owner, text, title, _),) = user32.calls
    assert (owner, text.value, title.value) == (None, "What it says", "Steadyhand")


def test_only_windows_has_them() -> None:
    assert dialogues("linux") is None
    assert dialogues("darwin") is None
    assert dialogues("win32") is show_message
