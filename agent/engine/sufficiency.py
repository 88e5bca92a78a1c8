"""Sufficiency of an enrolment: expected error now and with more data. Pure values."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from agent.engine.sentence import Sentence, sentence

_MOST_HOURS: Final = 100_000.0
_SHARES: Final = ("error", "error_next_hour", "owner_error", "stranger_error")


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """What `enroll.sufficiency` expects of the profile that the data so far would make.

    An *error* is that of one judgement of 50 actions (about two minutes), half-way between the owner and the departure
    that the sequential test is made for. The agent decides on many of them, so it errs far less often.

    Attributes
    ----------
    hours : float
        Active hours of mouse use that it was reckoned from.
    error : float
        Mean of the two shares below, 0-1.
    owner_error : float
        Share of the owner's own stretches that would be taken for somebody else's.
    stranger_error : float
        Share of other people's stretches that would be taken for the owner's.
    error_next_hour : float
        `error` after one more hour of use.
    enough : bool
        True where the error is small enough, or another hour would hardly lower it.
    enough_hours : float or None
        Active hours in all at which there should be enough; None where that is too far off to say.
    measured_strangers : bool
        True where a cohort stood for other people; else `stranger_error` is what is usual after so many hours.
    """

    hours: float
    error: float
    owner_error: float
    stranger_error: float
    error_next_hour: float
    enough: bool
    enough_hours: float | None
    measured_strangers: bool

    def line(self) -> Sentence:
        """For people: how far it is, and what to expect."""
        now, later = round(100 * self.error), round(100 * self.error_next_hour)
        if self.enough:
            return sentence(
                "{hours} h, which is enough; expected error {now} %", hours=float(self.hours), now=now
            )
        if not self.enough_hours:
            return sentence(
                "{hours} h; expected error {now} %, about {later} % with one more hour",
                hours=float(self.hours),
                now=now,
                later=later,
            )
        return sentence(
            "{hours} of about {enough} h; expected error {now} %, about {later} % with one more hour",
            hours=float(self.hours),
            enough=float(self.enough_hours),
            now=now,
            later=later,
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields_by_name: Any) -> Sufficiency:
        """Read what `to_json` wrote; whoever wrote it is not believed to have kept the bounds.

        Raises
        ------
        ValueError
            If a key is missing or unknown, or a value is of another type or out of bounds.
        """
        names = {f.name for f in fields(cls)}
        if not isinstance(fields_by_name, dict) or set(fields_by_name) != names:
            raise ValueError(f"sufficiency: not the keys {', '.join(sorted(names))}")
        for name in _SHARES:
            _check(name, fields_by_name[name], 1.0)
        _check("hours", fields_by_name["hours"], _MOST_HOURS)
        if fields_by_name["enough_hours"] is not None:
            _check("enough_hours", fields_by_name["enough_hours"], _MOST_HOURS)
        if not all(isinstance(fields_by_name[name], bool) for name in ("enough", "measured_strangers")):
            raise ValueError("sufficiency: enough or measured_strangers is neither true nor false")
        return cls(**fields_by_name)


def _check(name: str, figure: Any, most: float) -> None:
    number = isinstance(figure, int | float) and not isinstance(figure, bool)
    if not number or not math.isfinite(figure) or not 0.0 <= figure <= most:
        raise ValueError(f"sufficiency: {name} is {figure!r}, not a number from 0 to {most:g}")
