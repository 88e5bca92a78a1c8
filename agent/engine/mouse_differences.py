"""Mouse differences: what distinguishes two mouse configurations, in sentences that screens can translate."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from agent.engine.mouse import IDENTITY, SETTING, MouseConfiguration, shown_setting
from agent.engine.sentence import Sentence, sentence

ENROLLED: Final = "enrolled"
BEFORE: Final = "before"
DIFFERENCE_TEMPLATES: Final[Mapping[str, str]] = MappingProxyType(
    {ENROLLED: "{property}: {now}, enrolled {then}", BEFORE: "{property}: {now}, before {then}"}
)


def differences(
    enrolled: MouseConfiguration, now: MouseConfiguration, then: str = ENROLLED
) -> tuple[Sentence, ...]:
    """Why `now` is not the mouse that was enrolled, or was there before, a sentence each; none where it is."""
    if enrolled.key == now.key:
        return ()
    if enrolled.form != now.form:
        return (
            sentence(
                "the mouse is described in form {before}, which cannot be compared with form {now}: enrol it again",
                before=enrolled.form,
                now=now.form,
            ),
        )
    names = [name for name in (*IDENTITY, *SETTING) if getattr(enrolled, name) != getattr(now, name)]
    return tuple(
        sentence(
            DIFFERENCE_TEMPLATES[then],
            property=sentence(name.replace("_", " ")),
            now=shown_setting(getattr(now, name)),
            then=shown_setting(getattr(enrolled, name)),
        )
        for name in names
    )
