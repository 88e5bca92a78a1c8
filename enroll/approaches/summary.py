"""What was measured of each person, as the figures of a protocol."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from enroll.approaches import gain
from enroll.approaches.lineup import BESIDE, SHIPPED, Lineup
from enroll.protocols.scored import figures
from enroll.protocols.stream_records import stream_figures


def together(protocol: str, parts: Sequence[tuple[str, Lineup, dict[str, list[Any]]]]) -> dict[str, Any]:
    """Figures, gains and costs, from everybody's part: name, lineup without models, records by variant."""
    told: dict[str, list[Any]] = {}
    for _, _, scored in parts:
        for variant, one in scored.items():
            told.setdefault(variant, []).extend(one)
    summary = stream_figures if protocol == "stream" else figures
    rise = gain.of_stream if protocol == "stream" else gain.of_sessions
    names = list(dict.fromkeys(name for _, told_by, _ in parts for name in told_by.costs))
    return {
        "users": len(parts),
        "figures": {variant: summary(one) for variant, one in told.items()},
        "gains": {
            variant.removeprefix(BESIDE): rise(_of(told[SHIPPED], {r.account for r in one}), one)
            for variant, one in told.items()
            if variant.startswith(BESIDE)
        },
        "costs": {name: _mean_cost([p[1] for p in parts], name) for name in names},
        "surviving": dict(Counter(f for _, one, _ in parts for f in one.surviving).most_common()),
        "left_out": {name: why for _, one, _ in parts for name, why in one.left_out.items()},
    }


def _of(records: Sequence[Any], accounts: set[str]) -> list[Any]:
    return [r for r in records if r.account in accounts]


def _mean_cost(lineups: Sequence[Lineup], name: str) -> dict[str, float]:
    told = [one.costs[name] for one in lineups if name in one.costs]
    keys = ("train_cpu_s", "verdict_ms", "profile_kb")
    return {key: round(float(np.mean([getattr(c, key) for c in told])), 3) for key in keys}
