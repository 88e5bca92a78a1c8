"""Several mice where capture does not say which of them moves: what they are taken for. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from agent.engine.mouse import SETTING, MouseConfiguration, Source
from agent.engine.sentence import sentence

SEVERAL_ARE_UNKNOWN: Final = "unknown"
SEVERAL_ARE_THE_MAIN: Final = "main"


def moving(mice: tuple[MouseConfiguration, ...], several: str) -> MouseConfiguration | None:
    """The configuration that an event of these mice belongs to; None without any.

    Several are a configuration of their own: one of these mice, whichever. No profile of one of them is
    exact under it, and one that was made under it holds for these mice together and for no others.

    Parameters
    ----------
    mice : tuple of MouseConfiguration
        Those that are connected, the main one first.
    several : str
        ``judgement.several_mice``: ``unknown``, or ``main`` to take them for the first.
    """
    if len(mice) < 2 or several == SEVERAL_ARE_THE_MAIN:
        return mice[0] if mice else None
    labels = sorted({_label(mouse) for mouse in mice})
    same = {
        name: setting
        for name, setting in _settings(mice[0])
        if all(setting == getattr(m, name) for m in mice)
    }
    sources = tuple((name, Source.SYSTEM) for name in ("name", *same))
    one_of = MouseConfiguration(
        mice[0].capture, name=f"one of {', '.join(labels)}", twin=True, sources=sources
    )
    doubt = sentence("{count} mice are connected, and which of them moves cannot be told", count=len(mice))
    return replace(one_of, **same, doubts=(doubt,))


def _label(mouse: MouseConfiguration) -> str:
    """What tells it from others, for people and for the key."""
    number = ":".join(part for part in (mouse.vendor, mouse.product, mouse.serial) if part)
    return " ".join(part for part in (mouse.name, number) if part) or mouse.bus or "a mouse"


def _settings(mouse: MouseConfiguration) -> list[tuple[str, Any]]:
    """How a mouse is set, its CPI and rate left out: of several nobody knows whose they are."""
    return [(name, getattr(mouse, name)) for name in SETTING if name not in ("cpi", "report_rate_hz")]
