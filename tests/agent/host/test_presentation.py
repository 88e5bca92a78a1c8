"""Who keeps the screen from going idle, by logind's word; nobody's word is not a presentation."""

from __future__ import annotations

from typing import Any

import pytest

from agent.host.linux.bus import BusError
from agent.host.linux.presentation import LogindInhibitors
from tests.agent.host.conftest import ScriptedBus

LIST = "org.freedesktop.login1.Manager.ListInhibitors"
ME = 1000


def said(answer: Any) -> bool:
    bus = ScriptedBus()
    bus.answers[LIST] = answer
    return LogindInhibitors(bus, lambda: ME).is_presenting()


@pytest.mark.parametrize(
    ("inhibitor", "presents"),
    [
        (("idle", "Impress", "slides", "block", ME, 7), True),
        (("sleep:idle", "Firefox", "video", "block", ME, 7), True),
        (("sleep", "NetworkManager", "", "delay", 0, 7), False),
        (("idle", "Impress", "slides", "delay", ME, 7), False),
        (("idle", "Impress", "slides", "block", 1001, 7), False),
        (("idler", "x", "x", "block", ME, 7), False),
    ],
)
def test_an_inhibitor_of_idleness_by_this_user_counts(inhibitor: Any, presents: bool) -> None:
    assert said(([inhibitor],)) is presents


@pytest.mark.parametrize(
    "answer", [([],), ("nonsense",), ([("idle",)],), ([7],), BusError("no answer"), (1, 2), ()]
)
def test_whatever_else_comes_is_no_presentation(answer: Any) -> None:
    assert said(answer) is False
