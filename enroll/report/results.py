"""The results of `evaluate`, read back and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from enroll.report.fields import MOST, ReportFields
from enroll.report.reliability import ReliabilityPoint, reliability_points


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
    reliability: tuple[ReliabilityPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnerGroup:
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
    groups: tuple[OwnerGroup, ...]


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
    fields = ReportFields.read(path)
    if "tables" in fields.members:
        return TransferResult(
            tuple(_table(fields.inner("tables"), n) for n in fields.inner("tables").members)
        )
    if "active_hours" in fields.members:
        return _stream(fields)
    return _sessions(fields)


def _sessions(fields: ReportFields) -> SessionsResult:
    matched = fields.inner("matched")
    return SessionsResult(
        protocol=fields.text("protocol"),
        mode=fields.text("mode"),
        sessions=fields.whole("sessions"),
        users=fields.whole("users"),
        auc=fields.maybe("auc", 1.0),
        auc_ci95=fields.pair("auc_ci95"),
        eer=fields.maybe("eer", 1.0),
        auc_per_user=fields.by_name("auc_per_user", 1.0),
        frr_at_far_1pct=fields.maybe("frr_at_far_1pct", 1.0),
        device_only_auc=fields.maybe("device_only_auc", 1.0),
        matched_sessions=matched.whole("sessions"),
        matched_auc=matched.maybe("auc", 1.0),
        matched_eer=matched.maybe("eer", 1.0),
        piece_seconds=fields.maybe("piece_seconds"),
    )


def _stream(fields: ReportFields) -> StreamResult:
    if fields.number("active_hours") <= 0.0 or fields.number("asked_per_40h") <= 0.0:
        raise fields.wrong("active_hours or asked_per_40h", "is 0: nothing was streamed")
    return StreamResult(
        mode=fields.text("mode"),
        folds=fields.text("folds"),
        active_hours=fields.number("active_hours"),
        genuine_actions=fields.whole("genuine_actions"),
        asked_per_40h=fields.number("asked_per_40h"),
        false_locks=fields.whole("false_locks"),
        false_locks_per_40h=fields.number("false_locks_per_40h"),
        false_locks_per_user=fields.by_name("false_locks_per_user"),
        false_locks_worst_session=(
            fields.whole("false_locks_worst_session")
            if "false_locks_worst_session" in fields.members
            else None
        ),
        anga_actions=fields.maybe("anga_actions"),
        every=_detection(fields, whole=True),
        matched=_detection(fields.inner("matched"), whole=False),
        caught_by_behaviour=fields.whole("caught_by_behaviour"),
        caught_by_configuration=fields.whole("caught_by_configuration"),
        unknown_configuration_sessions=fields.whole("unknown_configuration_sessions"),
        no_evidence_share=fields.maybe("no_evidence_share", 1.0),
        curve=tuple(_point(row) for row in fields.rows("curve")),
        device_only_auc=fields.maybe("device_only_auc", 1.0),
        **_calibration(fields),
        reliability=reliability_points(fields),
    )


def _calibration(fields: ReportFields) -> dict[str, float | None]:
    """An extra: results made before it was measured are still read."""
    names = ("ks_median", "ks_worst", "cllr_action")
    if "calibration" not in fields.members:
        return dict.fromkeys(names)
    inner = fields.inner("calibration")
    return {name: inner.maybe(name) for name in names}


def _detection(fields: ReportFields, *, whole: bool) -> Detection:
    # Over the matched intrusions these are extras: they may be missing, but not be wrong.
    pairs = whole or "pairs" in fields.members
    detection = Detection(
        intrusions=fields.whole("intrusions"),
        caught=fields.whole("caught"),
        actions_median=fields.maybe("ania_actions_median"),
        actions_p90=fields.maybe("ania_actions_p90"),
        seconds_median=fields.maybe("ania_seconds_median"),
        pairs=fields.whole("pairs") if pairs else None,
        pairs_never_caught=fields.whole("pairs_never_caught") if pairs else None,
        undetected_after_5min=_late(fields, "undetected_after_5min", whole),
        undetected_after_15min=_late(fields, "undetected_after_15min", whole),
    )
    if detection.caught > detection.intrusions:
        raise fields.wrong("caught", f"is {detection.caught}, of {detection.intrusions} intrusions")
    return detection


def _late(fields: ReportFields, key: str, must: bool) -> float | None:
    return fields.maybe(key, 1.0) if must or key in fields.members else None


def _point(row: ReportFields) -> CurvePoint:
    return CurvePoint(
        asked_per_40h=row.number("asked_per_40h"),
        false_locks_per_40h=row.number("false_locks_per_40h"),
        matched_caught_share=row.maybe("matched_caught_share", 1.0),
        ania_actions_median=row.maybe("ania_actions_median"),
    )


def _table(tables: ReportFields, name: str) -> TransferTable:
    fields = tables.inner(name)
    return TransferTable(
        name=name,
        features_changed=fields.whole("features_changed"),
        features=fields.whole("features"),
        same_auc=fields.maybe("same_auc", 1.0),
        cross_auc=fields.maybe("cross_auc", 1.0),
        cross_auc_normalised=fields.maybe("cross_auc_normalised", 1.0),
        # A normaliser may do harm: this share alone can lie below 0.
        recovered_share=fields.maybe("recovered_share", least=-MOST),
        recovered_ci95=fields.pair("recovered_ci95"),
        groups=tuple(
            OwnerGroup(group.text("group"), group.whole("people"), group.maybe("cross_auc_normalised", 1.0))
            for group in (fields.rows("groups") if "groups" in fields.members else ())
        ),
    )
