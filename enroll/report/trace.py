"""Trust over time: the lines of `steadyhand run --source replay:FILE --json`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from agent.engine.errors import SteadyhandError
from agent.files.private import mendable
from enroll.report.fields import ReportFields

_AGAIN = "write it again with `steadyhand run --source replay:FILE --json > FILE`"
_COLUMNS = 400
_REASON = re.compile(r"(?P<feature>.+?) (very much|much|clearly|a little) (?P<way>higher|lower) than")


@dataclass(frozen=True, slots=True)
class Moment:
    """One judgement, `t_s` seconds after the first of its trace."""

    t_s: float
    trust: float
    verdict: str
    reaction: str
    reasons: tuple[str, ...]

    @property
    def locks(self) -> bool:
        """Whether the screen would have been locked here."""
        return self.reaction == "alert and lock"


@dataclass(frozen=True, slots=True)
class Trace:
    """Judgements of one recording, in order of time."""

    is_owner: bool
    moments: tuple[Moment, ...]

    @property
    def locks(self) -> tuple[Moment, ...]:
        """The moments at which the screen would have been locked."""
        return tuple(m for m in self.moments if m.locks)

    @property
    def until_lock(self) -> tuple[Moment, ...]:
        """The moments up to the first lock, it included; all without one."""
        first = next((i for i, m in enumerate(self.moments) if m.locks), len(self.moments))
        return self.moments[: first + 1]


def read_trace(path: Path, *, is_owner: bool) -> Trace:
    """The trace in a file.

    Raises
    ------
    SteadyhandError
        If a line is no judgement, the time runs backwards, or there is no judgement in it.
    """
    with mendable(path, "read"):
        lines = path.read_bytes().splitlines()
    judgements = [
        ReportFields.parse(line, f"{path}, line {n}", _AGAIN)
        for n, line in enumerate(lines, 1)
        if line.strip()
    ]
    if not judgements:
        raise SteadyhandError(f"{path}: no judgement in it", _AGAIN)
    begun = judgements[0].number("t_s")
    moments = tuple(_moment(fields, begun) for fields in judgements)
    if any(later.t_s < earlier.t_s for earlier, later in pairwise(moments)):
        raise SteadyhandError(f"{path}: the time runs backwards", _AGAIN)
    return Trace(is_owner, moments)


def thinned(moments: Sequence[Moment], end_s: float) -> list[tuple[float, float]]:
    """Time and trust, of each stretch no more than its first, lowest and last: the dips are what counts."""
    stretches: dict[int, list[Moment]] = {}
    for moment in moments:
        stretches.setdefault(int(moment.t_s / max(end_s, 1e-9) * _COLUMNS), []).append(moment)
    points: list[tuple[float, float]] = []
    for stretch in stretches.values():
        lowest = min(stretch, key=lambda m: m.trust)
        chosen = dict.fromkeys((stretch[0], lowest, stretch[-1]))
        points += [(m.t_s, m.trust) for m in sorted(chosen, key=lambda m: m.t_s)]
    return points


def named_features(trace: Trace, most: int = 5) -> list[tuple[str, float]]:
    """What judgements against the user named most often, with the share of them that did."""
    against = [m for m in trace.moments if m.reasons]
    names = Counter(name for m in against for name in dict.fromkeys(map(_feature, m.reasons)))
    return [(name, count / len(against)) for name, count in names.most_common(most)]


def _feature(reason: str) -> str:
    """Feature and direction: the size goes up and down in the course of a departure."""
    match = _REASON.match(reason)
    return f"{match['feature']} {match['way']}" if match else reason


def _moment(fields: ReportFields, begun: float) -> Moment:
    reasons = fields.members.get("reasons", [])
    if not isinstance(reasons, list) or not all(isinstance(r, str) for r in reasons):
        raise fields.wrong("reasons", "is not a list of texts")
    return Moment(
        fields.number("t_s") - begun,
        fields.number("trust", 100.0),
        fields.text("verdict"),
        fields.text("reaction", "none"),
        tuple(reasons),
    )
