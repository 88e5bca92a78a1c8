"""Alerts to JSON and back; nothing that is put into an alert can make it unwritable."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.alerts.alert import Activity, Alert, AlertKind, LaterKind, Severity
from agent.alerts.wire import MOST_ALERT_BYTES, alert_from_json, alert_to_json, plain, shortened
from tests.agent.alerts.fakes import make_alert

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
)
IDS = st.from_regex(r"[0-9A-Za-z][0-9A-Za-z._:-]{0,40}", fullmatch=True)
VALUES = st.recursive(
    LEAVES | TEXT, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5)
)
ALERTS = st.builds(
    Alert,
    finding_id=IDS,
    record_id=IDS,
    kind=st.sampled_from(AlertKind),
    activity=st.sampled_from(Activity),
    severity=st.sampled_from(Severity),
    time_unix_ns=st.integers(0, 2**63 - 1),
    user=TEXT,
    host=TEXT,
    message=TEXT,
    reasons=st.lists(TEXT, max_size=5).map(tuple),
    detail=st.dictionaries(TEXT, VALUES, max_size=6),
)


@settings(derandomize=True, deadline=None)
@given(ALERTS)
def test_what_is_written_is_read_back(alert: Alert) -> None:
    line = alert_to_json(alert)
    assert "\n" not in line
    assert alert_from_json(line.encode()) == alert


def test_what_json_cannot_say_does_not_stop_an_alert() -> None:
    detail: dict[object, object] = {
        "nan": float("nan"),
        "row": np.float64(-np.inf),
        "count": np.int64(7),
        "flag": np.bool_(True),
        "kind": AlertKind.QUIT,
        "name": "caf\udce9",
        "object": object,
        "array": np.arange(100.0).reshape(50, 2),
        3: (1, 2),
    }
    detail["itself"] = detail
    found = alert_from_json(alert_to_json(make_alert(detail=detail))).detail
    assert found["nan"] is None
    assert found["row"] is None
    assert found["count"] == 7
    assert found["flag"] is True
    assert found["kind"] == "quit"
    assert found["name"] == "caf\\udce9"
    assert found["object"] == str(object)
    assert found["array"] == [[2.0 * row, 2.0 * row + 1.0] for row in range(32)]
    assert found["3"] == [1, 2]


def test_a_trajectory_does_not_ride_along() -> None:
    path = [[float(x), float(x)] for x in range(5000)]
    assert len(plain({"path": path})["path"]) == 32


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "{}",
        '{"form":2}',
        '{"form":1}',
        alert_to_json(make_alert()).replace('"quit"', '"x"')[:-1],
        "\xff",
    ],
)
def test_anything_else_is_refused(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  json's own error is one as well
        alert_from_json(line)


def test_a_kind_of_a_later_version_stays_what_it_is() -> None:
    fields = json.loads(alert_to_json(make_alert()))
    line = json.dumps({**fields, "kind": "no such kind"})
    alert = alert_from_json(line)
    assert alert.kind == LaterKind("no such kind")
    assert json.loads(alert_to_json(alert)) == json.loads(line)


@pytest.mark.parametrize("kind", ["", "Upper", "a" * 41, "two\nlines", "1", 1, None])
def test_what_no_version_calls_a_kind_is_refused(kind: object) -> None:
    fields = json.loads(alert_to_json(make_alert()))
    with pytest.raises(ValueError, match="kind"):
        alert_from_json(json.dumps({**fields, "kind": kind}))


def test_an_ordinary_alert_is_not_cut() -> None:
    alert = make_alert()
    assert shortened(alert) is alert


@pytest.mark.parametrize(
    "changes",
    [
        {"detail": {"list": ["x" * 100] * 30, "text": "y" * 9000}},
        {"message": "\N{PILE OF POO}" * 5000},
        {"reasons": tuple("\N{PILE OF POO}" * 500 for _ in range(30))},
        {"user": "u" * 9000, "host": "h" * 9000, "reasons": ("\\" * 9000,) * 9},
    ],
)
def test_an_oversized_alert_is_cut_and_says_so(changes: dict[str, object]) -> None:
    alert = make_alert(**changes)
    brief = shortened(alert)
    assert len(alert_to_json(brief).encode()) <= MOST_ALERT_BYTES
    assert brief.detail["shortened_from_bytes"] == len(alert_to_json(alert).encode())
    assert (brief.record_id, brief.kind, brief.severity) == (alert.record_id, alert.kind, alert.severity)
