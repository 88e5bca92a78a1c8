"""Summaries: measurements of each person combined into the figures of a protocol."""

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
    by_variant: dict[str, list[Any]] = {}
    for _, _, scored in parts:
        for variant, records in scored.items():
            by_variant.setdefault(variant, []).extend(records)
    summary = stream_figures if protocol == "stream" else figures
    rise = gain.of_stream if protocol == "stream" else gain.of_sessions
    names = list(dict.fromkeys(name for _, told_by, _ in parts for name in told_by.costs))
    return {
        "users": len(parts),
        "figures": {variant: summary(records) for variant, records in by_variant.items()},
        "gains": {
            variant.removeprefix(BESIDE): rise(
                _of(by_variant[SHIPPED], {r.account for r in records}), records
            )
            for variant, records in by_variant.items()
            if variant.startswith(BESIDE)
        },
        "costs": {name: _mean_cost([p[1] for p in parts], name) for name in names},
        "surviving": dict(Counter(f for _, records, _ in parts for f in records.surviving).most_common()),
        "left_out": {name: why for _, records, _ in parts for name, why in records.left_out.items()},
    }


def _of(records: Sequence[Any], accounts: set[str]) -> list[Any]:
    return [r for r in records if r.account in accounts]


def _mean_cost(lineups: Sequence[Lineup], name: str) -> dict[str, float]:
    costs = [fitted.costs[name] for fitted in lineups if name in fitted.costs]
    keys = ("train_cpu_s", "verdict_ms", "profile_kb")
    return {key: round(float(np.mean([getattr(c, key) for c in costs])), 3) for key in keys}
