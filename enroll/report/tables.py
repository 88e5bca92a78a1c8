"""Tables of results in Markdown, put between the marks of a page: `<!-- NAME -->` to `<!-- /NAME -->`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity
from agent.files.private import mendable
from enroll.report.counting import counting_table
from enroll.report.reliability_text import reliability_lines

Result = Mapping[str, Any]


def sessions_table(evaluations: Sequence[Result]) -> str:
    """Balabit's or SapiMouse's figures: a line for all sessions and one for the matched, by mode."""
    lines = [
        "| mode | sessions | AUC (95 %) | EER | FRR at FAR 1 % | worst account's AUC | device alone: AUC | seconds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for run in evaluations:
        low, high = run["auc_ci95"] or (None, None)
        who = f"{run['mode']} {run.get('set', '')}".strip()
        lines.append(
            f"| {who} | all {run['sessions']:,} | {_auc(run['auc'])} ({_auc(low)}-{_auc(high)}) "
            f"| {_share(run['eer'])} | {_share(run['frr_at_far_1pct'], 0)} | {_auc(run['worst_user_auc'])} "
            f"| {_auc(run['device_only_auc'])} | {run['run_seconds']:.0f} |"
        )
        same = run["matched"]
        lines.append(
            f"| | matched {same['sessions']:,} | {_auc(same['auc'])} | {_share(same['eer'])} | | | | |"
        )
    return "\n".join(lines)


def detectors_table(evaluations: Sequence[Result]) -> str:
    """Each detector alone: AUC and EER over all sessions, and over the matched."""
    lines = [
        "| protocol, mode | detector | AUC | EER | matched AUC | matched EER |",
        "|---|---|---|---|---|---|",
    ]
    for evaluation in evaluations:
        same = evaluation["matched"]
        lines.append(
            f"| {evaluation['protocol']}, {evaluation['mode']} | {evaluation['detectors']} | {_auc(evaluation['auc'])} "
            f"| {_share(evaluation['eer'])} | {_auc(same['auc'])} | {_share(same['eer'])} |"
        )
    return "\n".join(lines)


def stream_table(evaluations: Sequence[Result]) -> str:
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
    head = "| | " + " | ".join(f"{r['mode']}, folds {r['folds']}" for r in evaluations) + " |"
    body = [f"| {name} | " + " | ".join(tell(r) for r in evaluations) + " |" for name, tell in rows]
    return "\n".join([head, "|---" * (len(evaluations) + 1) + "|", *body])


def transfer_table(evaluations: Sequence[Result]) -> str:
    """What a change of the mouse costs, and what normalising gives back: a line a table."""
    lines = [
        "| table | features that change | same | cross | cross, normalised | recovered (95 %, over people) "
        "| same, normalised | recovered of that |",
        "|---" * 8 + "|",
    ]
    for name, figures in ((n, t) for evaluation in evaluations for n, t in evaluation["tables"].items()):
        span = figures["recovered_ci95"]
        between = f" ({100 * span[0]:.0f}-{100 * span[1]:.0f})" if span else ""
        lines.append(
            f"| {name} | {figures['features_changed']} of {figures['features']} | {_auc(figures['same_auc'])} "
            f"| {_auc(figures['cross_auc'])} | {_auc(figures['cross_auc_normalised'])} "
            f"| {_share(figures['recovered_share'], 0)}{between} | {_auc(figures['same_auc_normalised'])} "
            f"| {_share(figures['recovered_share_of_ceiling'], 0)} |"
        )
    return "\n".join(lines)


def sooner_table(evaluations: Sequence[Result]) -> str:
    """AUC by what was done with the new mouse, and how much of it alone reaches what was transferred."""
    lines = [
        "| what | of the new mouse | alone | old profile as it is | pooled | transferred | gained (95 %) "
        "| alone, as good with (95 %) |",
        "|---" * 8 + "|",
    ]
    parts = [(n, "task", t["sooner"]) for r in evaluations for n, t in r["tables"].items() if t["sooner"]]
    parts += [("Balabit, made-up mouse", "action", r["simulated"]) for r in evaluations if "simulated" in r]
    for name, unit, figures in parts:
        most = figures["sizes"][-1]
        for at, size in enumerate(figures["sizes"]):
            gained = figures["gain_ci95"][at]
            low, high = figures["alone_size_ci95"][at]
            lines.append(
                f"| {name} | {quantity(size, unit)} | {_auc(figures['alone'][at])} | {_auc(figures['as_it_is'])} "
                f"| {_auc(figures['pooled'][at])} | {_auc(figures['transferred'][at])} "
                f"| {f'{gained[0]:+.3f} to {gained[1]:+.3f}' if gained else '-'} "
                f"| {_size(figures['alone_size'][at], most)} ({_size(low, most)}-{_size(high, most)}) |"
            )
    return "\n".join(lines)


def sufficiency_table(evaluations: Sequence[Result]) -> str:
    """The error that enrolments expect against the one that fresh data show, a line for each length and mode."""
    lines = [
        "| mode | expected after | for | people | expected | fresh data | off by, mean | the curve alone | Spearman |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for evaluation in evaluations:
        parts = [(p["minutes"], words, p) for key, words in _HORIZONS.items() for p in evaluation[key]]
        everything = [("5 to 320", "so much", evaluation["now_all"])]
        for minutes, words, part in sorted(parts, key=lambda p: p[0]) + everything:
            after = minutes if isinstance(minutes, str) else f"{minutes:g}"
            lines.append(
                f"| {evaluation['mode']} | {after} min | {words} | {part['people']} | {_share(part['predicted'])} "
                f"| {_share(part['actual'])} | {_share(part['mean_error'])} "
                f"| {_share(part['mean_error_of_the_curve'])} | {_order(part['spearman'])} |"
            )
    return "\n".join(lines)


_HORIZONS: Final = {"now": "so much", "doubled": "twice as much"}
TABLES: Final[Mapping[str, Callable[[Sequence[Result]], str]]] = {
    "balabit": sessions_table,
    "sapimouse": sessions_table,
    "detectors": detectors_table,
    "folds-last": stream_table,
    "counting": counting_table,
    "reliability": reliability_lines,
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


def _auc(area: float | None) -> str:
    return "-" if area is None else f"{area:.3f}"


def _share(share: float | None, digits: int = 1) -> str:
    return "-" if share is None else f"{100 * share:.{digits}f} %"


def _size(size: float, most: int) -> str:
    """Nobody looked beyond the largest size."""
    return f"{size:.3g}" if size < most else f"{most}+"


def _order(correlation: float | None) -> str:
    return "-" if correlation is None else f"{correlation:.2f}"


def _number(figure: float | None) -> str:
    return "never for half" if figure is None else f"{figure:g}"
