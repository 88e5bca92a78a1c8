"""The results of `evaluate`, read back and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from enroll.report.fields import MOST, Fields


@dataclass(frozen=True, slots=True)
class SessionsResult:
    """A protocol with one decision a session: balabit, sapimouse. None: not measured."""

    protocol: str
    mode: str
    sessions: int
    users: int
    auc: float | None
    auc_ci95: tuple[float, float] | None
    eer: float | None
    auc_per_user: dict[str, float | None]
    frr_at_far_1pct: float | None
    device_only_auc: float | None
    matched_sessions: int
    matched_auc: float | None
    matched_eer: float | None
    piece_seconds: float | None

    @property
    def closed_set(self) -> bool:
        """Whether the impostors were among the people that the model had seen."""
        return self.protocol == "balabit" and self.mode == "cohort"


@dataclass(frozen=True, slots=True)
class Detection:
    """How intrusions were found; times are None where that share of them never was."""

    intrusions: int
    caught: int
    actions_median: float | None
    actions_p90: float | None
    seconds_median: float | None
    pairs: int | None = None
    pairs_never_caught: int | None = None
    undetected_after_5min: float | None = None
    undetected_after_15min: float | None = None

    @property
    def share(self) -> float | None:
        """Share that was caught."""
        return self.caught / self.intrusions if self.intrusions else None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What one asked rate gave."""

    asked_per_40h: float
    false_locks_per_40h: float
    matched_caught_share: float | None
    ania_actions_median: float | None


@dataclass(frozen=True, slots=True)
class StreamResult:
    """People at work for hours, and intruders who take over."""

    mode: str
    folds: str
    active_hours: float
    genuine_actions: int
    asked_per_40h: float
    false_locks: int
    false_locks_per_40h: float
    false_locks_per_user: dict[str, float | None]
    false_locks_worst_session: int | None
    anga_actions: float | None
    every: Detection
    matched: Detection
    caught_by_behaviour: int
    caught_by_configuration: int
    unknown_configuration_sessions: int
    no_evidence_share: float | None
    curve: tuple[CurvePoint, ...]
    device_only_auc: float | None
    ks_median: float | None
    ks_worst: float | None
    cllr_action: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """Owners of one age or sex, and how well they are told apart under another mouse configuration."""

    name: str
    people: int
    cross_auc_normalised: float | None


@dataclass(frozen=True, slots=True)
class TransferTable:
    """How a profile fares under another mouse configuration."""

    name: str
    features_changed: int
    features: int
    same_auc: float | None
    cross_auc: float | None
    cross_auc_normalised: float | None
    recovered_share: float | None
    recovered_ci95: tuple[float, float] | None
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class TransferResult:
    """The transfer protocol."""

    tables: tuple[TransferTable, ...]


Result = SessionsResult | StreamResult | TransferResult


def read_result(path: Path) -> Result:
    """The result in a file that `evaluate --json` wrote.

    Raises
    ------
    SteadyhandError
        If it is no such file, or a figure is missing or impossible.
    """
    told = Fields.read(path)
    if "tables" in told.values:
        return TransferResult(tuple(_table(told.inner("tables"), n) for n in told.inner("tables").values))
    if "active_hours" in told.values:
        return _stream(told)
    return _sessions(told)


def _sessions(told: Fields) -> SessionsResult:
    matched = told.inner("matched")
    return SessionsResult(
        protocol=told.text("protocol"),
        mode=told.text("mode"),
        sessions=told.whole("sessions"),
        users=told.whole("users"),
        auc=told.maybe("auc", 1.0),
        auc_ci95=told.pair("auc_ci95"),
        eer=told.maybe("eer", 1.0),
        auc_per_user=told.by_name("auc_per_user", 1.0),
        frr_at_far_1pct=told.maybe("frr_at_far_1pct", 1.0),
        device_only_auc=told.maybe("device_only_auc", 1.0),
        matched_sessions=matched.whole("sessions"),
        matched_auc=matched.maybe("auc", 1.0),
        matched_eer=matched.maybe("eer", 1.0),
        piece_seconds=told.maybe("piece_seconds"),
    )


def _stream(told: Fields) -> StreamResult:
    if told.number("active_hours") <= 0.0 or told.number("asked_per_40h") <= 0.0:
        raise told.wrong("active_hours or asked_per_40h", "is 0: nothing was streamed")
    return StreamResult(
        mode=told.text("mode"),
        folds=told.text("folds"),
        active_hours=told.number("active_hours"),
        genuine_actions=told.whole("genuine_actions"),
        asked_per_40h=told.number("asked_per_40h"),
        false_locks=told.whole("false_locks"),
        false_locks_per_40h=told.number("false_locks_per_40h"),
        false_locks_per_user=told.by_name("false_locks_per_user"),
        false_locks_worst_session=(
            told.whole("false_locks_worst_session") if "false_locks_worst_session" in told.values else None
        ),
        anga_actions=told.maybe("anga_actions"),
        every=_detection(told, whole=True),
        matched=_detection(told.inner("matched"), whole=False),
        caught_by_behaviour=told.whole("caught_by_behaviour"),
        caught_by_configuration=told.whole("caught_by_configuration"),
        unknown_configuration_sessions=told.whole("unknown_configuration_sessions"),
        no_evidence_share=told.maybe("no_evidence_share", 1.0),
        curve=tuple(_point(row) for row in told.rows("curve")),
        device_only_auc=told.maybe("device_only_auc", 1.0),
        **_calibration(told),
    )


def _calibration(told: Fields) -> dict[str, float | None]:
    """An extra: results made before it was measured are still read."""
    names = ("ks_median", "ks_worst", "cllr_action")
    if "calibration" not in told.values:
        return dict.fromkeys(names)
    inner = told.inner("calibration")
    return {name: inner.maybe(name) for name in names}


def _detection(told: Fields, *, whole: bool) -> Detection:
    # Over the matched intrusions these are extras: they may be missing, but not be wrong.
    pairs = whole or "pairs" in told.values
    found = Detection(
        intrusions=told.whole("intrusions"),
        caught=told.whole("caught"),
        actions_median=told.maybe("ania_actions_median"),
        actions_p90=told.maybe("ania_actions_p90"),
        seconds_median=told.maybe("ania_seconds_median"),
        pairs=told.whole("pairs") if pairs else None,
        pairs_never_caught=told.whole("pairs_never_caught") if pairs else None,
        undetected_after_5min=_late(told, "undetected_after_5min", whole),
        undetected_after_15min=_late(told, "undetected_after_15min", whole),
    )
    if found.caught > found.intrusions:
        raise told.wrong("caught", f"is {found.caught}, of {found.intrusions} intrusions")
    return found


def _late(told: Fields, key: str, must: bool) -> float | None:
    return told.maybe(key, 1.0) if must or key in told.values else None


def _point(row: Fields) -> CurvePoint:
    return CurvePoint(
        asked_per_40h=row.number("asked_per_40h"),
        false_locks_per_40h=row.number("false_locks_per_40h"),
        matched_caught_share=row.maybe("matched_caught_share", 1.0),
        ania_actions_median=row.maybe("ania_actions_median"),
    )


def _table(tables: Fields, name: str) -> TransferTable:
    told = tables.inner(name)
    return TransferTable(
        name=name,
        features_changed=told.whole("features_changed"),
        features=told.whole("features"),
        same_auc=told.maybe("same_auc", 1.0),
        cross_auc=told.maybe("cross_auc", 1.0),
        cross_auc_normalised=told.maybe("cross_auc_normalised", 1.0),
        # A normaliser may do harm: this share alone can lie below 0.
        recovered_share=told.maybe("recovered_share", least=-MOST),
        recovered_ci95=told.pair("recovered_ci95"),
        groups=tuple(
            Group(one.text("group"), one.whole("people"), one.maybe("cross_auc_normalised", 1.0))
            for one in (told.rows("groups") if "groups" in told.values else ())
        ),
    )
