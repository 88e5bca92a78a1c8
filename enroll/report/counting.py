"""Table of continuous use by every way of counting: false locks and what they show, catches, proofs, takeovers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent.engine.sentence import quantity

Run = Mapping[str, Any]


def counting_table(runs: Sequence[Run]) -> str:
    """A column for each run of the stream protocol; `set` names its data."""
    rows: list[tuple[str, Callable[[Run], str]]] = [
        ("false locks in active hours", lambda r: f"{r['false_locks']} in {r['active_hours']:.1f}"),
        (
            "sessions with one, of all",
            lambda r: f"{r['sessions_with_false_lock']} of {r['genuine_sessions']}",
        ),
        ("first locks after a login per 40 h; at most (95 %)", _first_locks),
        ("shown", lambda r: "yes" if r["first_locks_shown"]["shown"] else "not shown"),
        ("sessions with two or more", lambda r: _percent(r["share_of_days_with_two_or_more"])),
        ("with proofs and baselines: false locks; sessions with two or more", _proven),
        ("matched intrusions caught within 300 actions", lambda r: _of(r["matched"])),
        ("median actions to the lock, matched", lambda r: _number(r["matched"]["ania_actions_median"])),
        (
            "caught within 300 / 1,000 actions of a whole session (at risk)",
            lambda r: _longer(r, "within_actions", (300, 1000)),
        ),
        ("caught within 30 / 60 minutes (at risk)", lambda r: _longer(r, "within_minutes", (30, 60))),
        (
            "tailgate 0 / 30 actions after a proof",
            lambda r: " / ".join(map(_of, r["proven"]["tailgate"][:2])),
        ),
        ("worst pair, right after a proof", _worst_pair),
        ("takeover after 400 own actions: caught; control", _takeover),
    ]
    head = "| | " + " | ".join(f"{r['set']}, {r['mode']}" for r in runs) + " |"
    body = [f"| {name} | " + " | ".join(tell(r) for r in runs) + " |" for name, tell in rows]
    return "\n".join([head, "|---" * (len(runs) + 1) + "|", *body])


def _first_locks(run: Run) -> str:
    shown = run["first_locks_shown"]
    return f"{shown['per_40h']:.2f}; {shown['upper_bound_per_40h']:.1f}"


def _proven(run: Run) -> str:
    proven = run["proven"]
    return f"{proven['false_locks']}; {_percent(proven['share_of_days_with_two_or_more'])}"


def _of(counts: Mapping[str, Any]) -> str:
    whole = counts["of"] if "of" in counts else counts["intrusions"]
    return f"{counts['caught']} of {whole} ({_percent(counts['caught'] / whole)})" if whole else "-"


def _longer(run: Run, key: str, points: Sequence[int]) -> str:
    points_of = {entry[key]: entry for entry in run["longer"] if key in entry}
    return " / ".join(f"{_percent(points_of[p]['caught_share'])} ({points_of[p]['at_risk']})" for p in points)


def _worst_pair(run: Run) -> str:
    pair = run["proven"]["tailgate"][0]["worst_pair"] if run["proven"]["tailgate"] else None
    return f"{pair['account']} by {pair['intruder']}: {pair['caught']} of {pair['of']}" if pair else "-"


def _takeover(run: Run) -> str:
    entry = next((t for t in run["takeover"] if t["after_actions"] == 400), None)
    if entry is None or not entry["intrusions"]:
        return "no session so long"
    return f"{_of(entry)}; {entry['control']}; {quantity(entry['sessions'], 'session')}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"


def _number(figure: float | None) -> str:
    return "never for half" if figure is None else f"{figure:g}"
