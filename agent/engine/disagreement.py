"""Disagreements of an enrolment: signs that it was not, or not only, recorded by its user."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

KEY: Final = "disagreements"
"""Where a profile's summary names them."""


class Disagreement(Enum):
    """Kind of disagreement; the value is its name in a profile's summary."""

    ITSELF = "itself"
    BEFORE = "before"
    SOMEBODY_ELSE = "somebody else"
    NOBODY = "nobody"
    HAND = "hand"

    @property
    def words(self) -> str:
        """A sentence's end, after "what was learnt"."""
        return _WORDS[self]


_WORDS: Final = {
    Disagreement.ITSELF: "does not agree with itself: some sessions are unlike the others",
    Disagreement.BEFORE: "does not agree with the profile that it replaces",
    Disagreement.SOMEBODY_ELSE: "agrees better with somebody else on file than with the owner's profile before",
    Disagreement.NOBODY: "agrees with nobody: it is far from everybody in the cohort",
    Disagreement.HAND: "holds movement that a program made, by the look of it",
}


def disagreements_of(summary: Mapping[str, Any]) -> tuple[Disagreement, ...]:
    """Those that a profile's summary names; what is no disagreement of this version is passed over."""
    names = summary.get(KEY)
    return (
        tuple(disagreement for disagreement in Disagreement if disagreement.value in names)
        if isinstance(names, list)
        else ()
    )
