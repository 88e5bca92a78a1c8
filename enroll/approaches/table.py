"""The table of all approaches as a section of docs/choices.md, between marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from _fastfeat import SCHEMA
from agent.engine.errors import SteadyhandError
from enroll.approaches.gain import verdict
from enroll.approaches.language import PAPER_CLASSIFIER, PAPER_NEXT_TOKEN
from enroll.approaches.lineup import BESIDE, SHIPPED
from enroll.approaches.measured import PROTOCOLS

BEGIN: Final = "<!-- approaches: written by python -m enroll.approaches -->"
END: Final = "<!-- approaches: end -->"

_TITLES: Final = {
    "balabit-own": "Balabit, own data",
    "balabit-cohort": "Balabit, cohort (closed-set)",
    "sapimouse": "SapiMouse, cohort",
    "stream": "stream, cohort",
}

LANGUAGE: Final = "language"

_MOST_NAMED: Final = 20

Results = Mapping[str, Any]


def with_section(page: str, text: str) -> str:
    """The page with the text between its marks.

    Raises
    ------
    SteadyhandError
        If the marks are not there, once each and in order.
    """
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(BEGIN) > page.index(END):
        raise SteadyhandError(
            "the page has no place for the table", f"put {BEGIN} and {END} where it belongs"
        )
    return page[: page.index(BEGIN)] + f"{BEGIN}\n{text}" + page[page.index(END) :]


def section(by_protocol: Results) -> str:
    """Tables of figures and of costs; a protocol that was not run is said to be missing."""
    measured = [p for p in PROTOCOLS if p in by_protocol]
    missing = [_TITLES[p] for p in PROTOCOLS if p not in by_protocol]
    parts = [_figures(p, by_protocol[p]) for p in measured]
    if measured:
        parts.append(_places([(p, by_protocol[p]) for p in measured]))
        parts.append(_costs([(p, by_protocol[p]) for p in measured]))
        parts += [_surviving(p, by_protocol[p]) for p in measured if by_protocol[p].get("surviving")]
    if LANGUAGE in by_protocol:
        parts.append(language_part(by_protocol[LANGUAGE]))
    if missing:
        parts.append(f"Not measured yet: {', '.join(missing)}.\n")
    return "\n" + "\n".join(parts) + "\n"


def _figures(protocol: str, measured: Results) -> str:
    figures = measured["figures"]
    head, line = (_STREAM_HEAD, _stream) if protocol == "stream" else (_SESSIONS_HEAD, _sessions)
    most = measured.get("most_people")
    of = "each rotation's 24" if protocol == "sapimouse" else "the accounts"
    drawn = f", at most {most} drawn of {of} with a fixed seed" if most else ""
    lines = [f"**{_TITLES[protocol]}** ({measured['users']} people{drawn})", "", *_header(head)]
    lines.append(_row([f"{SHIPPED} fusion", *line(figures[SHIPPED]), "-", "-"]))
    for name in (n for n in figures if n != SHIPPED and not n.startswith(BESIDE)):
        lines.append(_row([name, *line(figures[name]), *_gain(protocol, measured["gains"][name])]))
    lines += [_row([name, f"not fitted: {why}"]) for name, why in measured["left_out"].items()]
    return "\n".join(lines) + "\n"


_SESSIONS_HEAD: Final = (
    "approach",
    "AUC (95 %)",
    "EER",
    "matched AUC",
    "adds to the fusion: AUC (95 %)",
    "matched AUC (95 %)",
)
_STREAM_HEAD: Final = (
    "approach",
    "false locks per 40 h",
    "matched intrusions caught",
    "median actions, all",
    "adds to the fusion: matched caught (95 %)",
    "false locks",
)


def _sessions(figures: Results) -> list[str]:
    interval = figures["auc_ci95"]
    span = f" ({interval[0]:.3f}-{interval[1]:.3f})" if interval else ""
    return [_number(figures["auc"]) + span, _percent(figures["eer"]), _number(figures["matched"]["auc"])]


def _stream(figures: Results) -> list[str]:
    within = figures["matched"]
    share = within["caught"] / within["intrusions"] if within["intrusions"] else None
    middle = figures["ania_actions_median"]
    return [
        f"{figures['false_locks_per_40h']:.1f} ({figures['false_locks']} in {figures['active_hours']:.1f} h)",
        _percent(share),
        "-" if middle is None else f"{middle:g}",
    ]


def _gain(protocol: str, gain: Results) -> list[str]:
    if protocol == "stream":
        return [_percent_gain(gain), f"{gain['false_locks']:+d}"]
    return [_number_gain(gain), _number_gain(gain["matched"])]


def _number_gain(gain: Results) -> str:
    return "-" if gain["gain"] is None else f"{gain['gain']:+.3f} ({_span(gain, 1.0, '.3f')})"


def _percent_gain(gain: Results) -> str:
    return (
        "-" if gain["gain"] is None else f"{100.0 * gain['gain']:+.1f} ({_span(gain, 100.0, '.1f')}) points"
    )


def _span(gain: Results, scale: float, form: str) -> str:
    return " to ".join(format(scale * end, "+" + form) for end in gain["ci95"])


def _places(measured: Sequence[tuple[str, Results]]) -> str:
    """Who earns a place in the fusion, by the rule of `enroll.approaches.gain`."""
    lines = ["**Who earns a place**", "", *_header(("approach", "earns a place", "because"))]
    for name in dict.fromkeys(n for _, of_protocol in measured for n in of_protocol["gains"]):
        gains = {
            _TITLES[p]: of_protocol["gains"][name]
            for p, of_protocol in measured
            if name in of_protocol["gains"]
        }
        costs = [of_protocol["costs"] for _, of_protocol in measured if name in of_protocol["costs"]]
        verdict_ms = _verdict_ms(costs, name) + _verdict_ms(costs, SHIPPED)
        earned, why = verdict(gains, verdict_ms)
        lines.append(_row([name, "yes" if earned else "no: off by default", why]))
    return "\n".join(lines) + "\n"


def _verdict_ms(costs: Sequence[Results], name: str) -> float:
    """The least of the protocols' means: what else the machine does can only add to it."""
    return min(float(c[name]["verdict_ms"]) for c in costs)


def language_part(measured: Results) -> str:
    """The language model beside what its paper reports."""
    head = (
        "next token told",
        "all",
        "directions",
        "magnitudes",
        "boundaries",
        "commonest after the one before",
    )
    lines = [
        f"**The language model by itself**: held-out sessions of Balabit's training files. The paper has "
        f"{PAPER_NEXT_TOKEN:.0%} for the next token and {PAPER_CLASSIFIER:.0%} for its classifier.",
        "",
        *_header(head),
    ]
    keys = ("model", "directions", "magnitudes", "boundaries", "pairs")
    groups = {"known": "people whose other sessions it learnt from", "strangers": "people it never heard"}
    for group, title in groups.items():
        lines.append(_row([title, *(_percent(measured["next_token"][group][key]) for key in keys)]))
    lines += ["", *_header(("owner told from (balanced accuracy)", "one action", "30 actions", "a session"))]
    for group, title in (("known", "the cohort's people"), ("strangers", "strangers")):
        shares = [measured["classifier"][group][key] for key in ("actions", "windows", "sessions")]
        lines.append(_row([title, *map(_percent, shares)]))
    return "\n".join(lines) + "\n"


def _costs(measured: Sequence[tuple[str, Results]]) -> str:
    names = list(dict.fromkeys(name for _, of_protocol in measured for name in of_protocol["costs"]))
    head = [
        "approach",
        *(f"training, CPU s: {_TITLES[p]}" for p, _ in measured),
        "ms a verdict",
        "profile, kB",
    ]
    lines = ["**What each costs**, means over people", "", *_header(head)]
    for name in names:
        costs = [of_protocol["costs"].get(name) for _, of_protocol in measured]
        known = next(c for c in costs if c)
        verdict_ms = _verdict_ms(
            [of_protocol["costs"] for _, of_protocol in measured if name in of_protocol["costs"]], name
        )
        seconds = [f"{c['train_cpu_s']:.1f}" if c else "-" for c in costs]
        lines.append(_row([name, *seconds, f"{verdict_ms:.2f}", f"{known['profile_kb']:.0f}"]))
    return "\n".join(lines) + "\n"


def _surviving(protocol: str, measured: Results) -> str:
    """Features that selection kept for at least half of the people, those of the mouse told apart."""
    often = [name for name, count in measured["surviving"].items() if 2 * count >= measured["users"]]
    sensitive = {f.name for f in SCHEMA if f.configuration_sensitive}
    hand = _listed([n for n in often if n not in sensitive])
    mouse = _listed([n for n in often if n in sensitive])
    return (
        f"**What selection keeps** for half of the people or more, {_TITLES[protocol]}: {hand}. Kept, but "
        f"configuration-sensitive and not used: {mouse}.\n"
    )


def _listed(names: Sequence[str]) -> str:
    """So many, and the first of them."""
    shown = ", ".join(names[:_MOST_NAMED])
    if not names:
        return "none"
    return f"{len(names)}, most often {shown}" if len(names) > _MOST_NAMED else shown


def _header(names: Sequence[str]) -> list[str]:
    return [_row(names), "|" + "---|" * len(names)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(number: float | None) -> str:
    return "-" if number is None else f"{number:.3f}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100.0 * share:.1f} %"
