"""Tiles of the headline: the figures that matter most."""

from __future__ import annotations

from agent.language.language import mark
from enroll.report import rates
from enroll.report.blocks import Tile
from enroll.report.fleet import Fleet
from enroll.report.results import Detection, SessionsResult, StreamResult
from enroll.report.words import (
    MODES,
    NAMES,
    counted,
    lasting,
    not_measured,
    number,
    percent,
    rounded_two,
    short,
    written,
)


def stream_tiles(stream: StreamResult, fleet: Fleet) -> list[Tile]:
    """False locks, and how soon intruders are found."""
    every, matched = stream.every, stream.matched
    return [
        _false_lock_tile(stream, fleet),
        _free_tile(stream),
        Tile(
            written("Half of all intrusions are found within"),
            lasting(every.seconds_median, mark("more than all")),
            written(
                "{actions}; same kind of mouse: {matched}",
                actions=_actions(every.actions_median),
                matched=_found(matched),
            ),
        ),
        Tile(
            written("Intrusions caught at all"),
            percent(every.share, 0),
            written("same kind of mouse as the owner's: {share}", share=percent(matched.share, 0)),
        ),
        *_missed_tiles(stream),
    ]


def _missed_tiles(stream: StreamResult) -> list[Tile]:
    every, matched = stream.every, stream.matched
    late = written("after 15 minutes: {share}", share=percent(every.undetected_after_15min, 0))
    return [
        Tile(
            written("Not yet found after 5 minutes"),
            percent(every.undetected_after_5min, 0),
            late + _matched_late(matched),
        ),
        Tile(
            written("Owner-intruder pairs never caught"),
            _of(every.pairs_never_caught, every.pairs),
            written("to these intruders, the computer of that owner is open"),
        ),
    ]


def _false_lock_tile(stream: StreamResult, fleet: Fleet) -> Tile:
    most = fleet.per_week(rates.most_per_40h(stream.false_locks, stream.active_hours))
    weekly = fleet.per_week(stream.false_locks_per_40h)
    return Tile(
        written("False locks a week of {people}, {hours} active hours each", **fleet.named()),
        f"\N{ALMOST EQUAL TO} {rounded_two(weekly)}" if weekly else written("none seen"),
        written(
            "asked: {asked}; with 95 % confidence at most {most}",
            asked=short(fleet.per_week(stream.asked_per_40h)),
            most=short(float(f"{most:.2g}")),
        ),
    )


def _found(matched: Detection) -> str:
    """Time and actions until half are found, where half are."""
    if matched.seconds_median is None:
        return written("never half of them")
    seconds = lasting(matched.seconds_median, mark("never"))
    return f"{seconds}, {_actions(matched.actions_median)}"


def _matched_late(matched: Detection) -> str:
    if matched.undetected_after_5min is None:
        return ""
    return written(
        "; same kind of mouse: {after_5}, {after_15}",
        after_5=percent(matched.undetected_after_5min, 0),
        after_15=percent(matched.undetected_after_15min, 0),
    )


def _free_tile(stream: StreamResult) -> Tile:
    counts = {name: n for name, n in stream.false_locks_per_user.items() if n is not None}
    title = written("People without any false lock")
    if not counts:
        return Tile(title, not_measured(), written("no figures for single people"))
    free = sum(1 for n in counts.values() if n == 0)
    worst = max(counts, key=lambda name: counts[name])
    most = written("nobody had one")
    if counts[worst]:
        locks = counted("{n} false lock", "{n} false locks", counts[worst])
        most = written("{name} had {locks}", name=worst, locks=locks)
    return Tile(title, _of(free, len(counts)), most)


def session_tiles(sessions: SessionsResult) -> list[Tile]:
    """How well people are told apart by one decision a session."""
    areas = [(area, name) for name, area in sessions.auc_per_user.items() if area is not None]
    worst = f"{number(min(areas)[0])} ({min(areas)[1]})" if areas else not_measured()
    return [
        Tile(
            written("Owner ranked above intruder (AUC; {data})", data=data_name(sessions)),
            number(sessions.auc),
            written(
                "same kind of mouse: {auc}; worst of {people}: {worst}",
                auc=number(sessions.matched_auc),
                people=counted("{n} person", "{n} people", sessions.users),
                worst=worst,
            ),
        ),
        Tile(
            written("Equal error rate of one decision a session"),
            percent(sessions.eer),
            written("same kind of mouse: {share}", share=percent(sessions.matched_eer)),
        ),
        Tile(
            written("Owners refused if 1 in 100 intruders may pass"),
            percent(sessions.frr_at_far_1pct, 0),
            written("one decision a session (FRR at FAR 1 %)"),
        ),
    ]


def data_name(sessions: SessionsResult) -> str:
    """Which data a result is from, in words."""
    mode = written(MODES.get(sessions.mode, sessions.mode))
    return written("{name}, {mode} data", name=NAMES.get(sessions.protocol, sessions.protocol), mode=mode)


def _of(part: object, total: object) -> str:
    return written("{part} of {whole}", part=part, whole=total)


def _actions(actions: float | None) -> str:
    return written("never") if actions is None else counted("{n} action", "{n} actions", round(actions))
