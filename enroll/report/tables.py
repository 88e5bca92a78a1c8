"""Tables of results in Markdown, put between the marks of a page: `<!-- NAME -->` to `<!-- /NAME -->`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from agent.engine.errors import SteadyhandError
from agent.files.private import mendable

Result = Mapping[str, Any]


def sessions_table(results: Sequence[Result]) -> str:
    """Balabit's or SapiMouse's figures: a line for all sessions and one for the matched, by mode."""
    lines = [
        "| mode | sessions | AUC (95 %) | EER | FRR at FAR 1 % | worst account's AUC | device alone: AUC | seconds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for told in results:
        low, high = told["auc_ci95"] or (None, None)
        lines.append(
            f"| {told['mode']} | all {told['sessions']:,} | {_auc(told['auc'])} ({_auc(low)}-{_auc(high)}) "
            f"| {_share(told['eer'])} | {_share(told['frr_at_far_1pct'], 0)} | {_auc(told['worst_user_auc'])} "
            f"| {_auc(told['device_only_auc'])} | {told['run_seconds']:.0f} |"
        )
        same = told["matched"]
        lines.append(
            f"| | matched {same['sessions']:,} | {_auc(same['auc'])} | {_share(same['eer'])} | | | | |"
        )
    return "\n".join(lines)


def detectors_table(results: Sequence[Result]) -> str:
    """Each detector alone: AUC and EER over all sessions, and over the matched."""
    lines = [
        "| protocol, mode | detector | AUC | EER | matched AUC | matched EER |",
        "|---|---|---|---|---|---|",
    ]
    for told in results:
        same = told["matched"]
        lines.append(
            f"| {told['protocol']}, {told['mode']} | {told['detectors']} | {_auc(told['auc'])} "
            f"| {_share(told['eer'])} | {_auc(same['auc'])} | {_share(same['eer'])} |"
        )
    return "\n".join(lines)


def stream_table(results: Sequence[Result]) -> str:
    """The stream's headline figures, a column a mode."""
    rows: list[tuple[str, Callable[[Result], str]]] = [
        ("false locks, in active hours", lambda r: f"{r['false_locks']} in {r['active_hours']:.1f}"),
        ("false locks per 40 h, asked 1", lambda r: f"{r['false_locks_per_40h']:.1f}"),
        ("intrusions caught", lambda r: f"{r['caught']} of {r['intrusions']}"),
        ("matched intrusions caught", lambda r: f"{r['matched']['caught']} of {r['matched']['intrusions']}"),
        ("median actions to the lock, all", lambda r: _number(r["ania_actions_median"])),
        ("median actions, matched", lambda r: _number(r["matched"]["ania_actions_median"])),
        ("median seconds, matched", lambda r: _number(r["matched"]["ania_seconds_median"])),
        (
            "undetected after 5 / 15 minutes",
            lambda r: f"{_share(r['undetected_after_5min'], 0)} / {_share(r['undetected_after_15min'], 0)}",
        ),
        ("pairs never caught", lambda r: f"{r['pairs_never_caught']} of {r['pairs']}"),
    ]
    head = "| | " + " | ".join(f"{r['mode']}, folds {r['folds']}" for r in results) + " |"
    body = [f"| {name} | " + " | ".join(tell(r) for r in results) + " |" for name, tell in rows]
    return "\n".join([head, "|---" * (len(results) + 1) + "|", *body])


def transfer_table(results: Sequence[Result]) -> str:
    """What a change of the mouse costs, and what normalising gives back: a line a table."""
    lines = [
        "| table | features that change | same | cross | cross, normalised | recovered (95 %, over people) "
        "| same, normalised | recovered of that |",
        "|---" * 8 + "|",
    ]
    for name, told in ((n, t) for result in results for n, t in result["tables"].items()):
        span = told["recovered_ci95"]
        between = f" ({100 * span[0]:.0f}-{100 * span[1]:.0f})" if span else ""
        lines.append(
            f"| {name} | {told['features_changed']} of {told['features']} | {_auc(told['same_auc'])} "
            f"| {_auc(told['cross_auc'])} | {_auc(told['cross_auc_normalised'])} "
            f"| {_share(told['recovered_share'], 0)}{between} | {_auc(told['same_auc_normalised'])} "
            f"| {_share(told['recovered_share_of_ceiling'], 0)} |"
        )
    return "\n".join(lines)


def sooner_table(results: Sequence[Result]) -> str:
    """AUC by what was done with the new mouse, and how much of it alone reaches what was transferred."""
    lines = [
        "| what | of the new mouse | alone | old profile as it is | pooled | transferred | gained (95 %) "
        "| alone, as good with (95 %) |",
        "|---" * 8 + "|",
    ]
    parts = [(n, "tasks", t["sooner"]) for r in results for n, t in r["tables"].items() if t["sooner"]]
    parts += [("Balabit, made-up mouse", "actions", r["simulated"]) for r in results if "simulated" in r]
    for name, unit, told in parts:
        most = told["sizes"][-1]
        for at, size in enumerate(told["sizes"]):
            gained = told["gain_ci95"][at]
            low, high = told["alone_size_ci95"][at]
            lines.append(
                f"| {name} | {size} {unit} | {_auc(told['alone'][at])} | {_auc(told['as_it_is'])} "
                f"| {_auc(told['pooled'][at])} | {_auc(told['transferred'][at])} "
                f"| {f'{gained[0]:+.3f} to {gained[1]:+.3f}' if gained else '-'} "
                f"| {_size(told['alone_size'][at], most)} ({_size(low, most)}-{_size(high, most)}) |"
            )
    return "\n".join(lines)


def sufficiency_table(results: Sequence[Result]) -> str:
    """The error that enrolments expect against the one that fresh data show, a line for each length and mode."""
    lines = [
        "| mode | expected after | for | people | expected | fresh data | off by, mean | the curve alone | Spearman |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for told in results:
        parts = [(p["minutes"], words, p) for key, words in _HORIZONS.items() for p in told[key]]
        everything = [("5 to 320", "so much", told["now_all"])]
        for minutes, words, part in sorted(parts, key=lambda p: p[0]) + everything:
            after = minutes if isinstance(minutes, str) else f"{minutes:g}"
            lines.append(
                f"| {told['mode']} | {after} min | {words} | {part['people']} | {_share(part['predicted'])} "
                f"| {_share(part['actual'])} | {_share(part['mean_error'])} "
                f"| {_share(part['mean_error_of_the_curve'])} | {_order(part['spearman'])} |"
            )
    return "\n".join(lines)


_HORIZONS: Final = {"now": "so much", "doubled": "twice as much"}
TABLES: Final[Mapping[str, Callable[[Sequence[Result]], str]]] = {
    "balabit": sessions_table,
    "sapimouse": sessions_table,
    "detectors": detectors_table,
    "stream": stream_table,
    "transfer": transfer_table,
    "sooner": sooner_table,
    "sufficiency": sufficiency_table,
}


def replace(path: Path, name: str, text: str) -> None:
    """Put text between the marks of that name.

    Raises
    ------
    SteadyhandError
        If the page cannot be read or written, or has not both marks once.
    """
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    with mendable(path, "change"):
        page = path.read_text(encoding="utf-8")
        if page.count(begin) != 1 or page.count(end) != 1 or page.index(begin) > page.index(end):
            raise SteadyhandError(
                f"{path}: no block {name}", f"put {begin} and {end} where the table belongs"
            )
        before, rest = page.split(begin)
        path.write_text(f"{before}{begin}\n{text}\n{end}{rest.split(end)[1]}", encoding="utf-8")


def _auc(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _share(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{100 * value:.{digits}f} %"


def _size(value: float, most: int) -> str:
    """Nobody looked beyond the largest size."""
    return f"{value:.3g}" if value < most else f"{most}+"


def _order(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _number(value: float | None) -> str:
    return "never for half" if value is None else f"{value:g}"
