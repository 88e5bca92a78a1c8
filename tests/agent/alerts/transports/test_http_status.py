"""The table of statuses, and what Retry-After asks for."""

from __future__ import annotations

import pytest

from agent.alerts.api import REFUSED, Outcome
from agent.alerts.transports.http_status import outcome_of, retry_after_s

NOW_S = 1_767_225_600.0  # 1 January 2026, 00:00 UTC


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.OK),
        (201, Outcome.OK),
        (202, Outcome.OK),
        (204, Outcome.OK),
        (299, Outcome.OK),
        (100, Outcome.AUTH_FAILED),
        (301, Outcome.AUTH_FAILED),
        (302, Outcome.AUTH_FAILED),
        (307, Outcome.AUTH_FAILED),
        (308, Outcome.AUTH_FAILED),
        (400, Outcome.PERMANENT),
        (401, Outcome.AUTH_FAILED),
        (403, Outcome.AUTH_FAILED),
        (404, Outcome.AUTH_FAILED),
        (405, Outcome.AUTH_FAILED),
        (407, Outcome.AUTH_FAILED),
        (408, Outcome.RETRY),
        (410, Outcome.AUTH_FAILED),
        (413, Outcome.TOO_LARGE),
        (415, Outcome.AUTH_FAILED),
        (418, Outcome.AUTH_FAILED),
        (421, Outcome.AUTH_FAILED),
        (422, Outcome.PERMANENT),
        (425, Outcome.RETRY),
        (426, Outcome.AUTH_FAILED),
        (429, Outcome.BACK_OFF),
        (500, Outcome.RETRY),
        (501, Outcome.RETRY),
        (502, Outcome.RETRY),
        (503, Outcome.BACK_OFF),
        (504, Outcome.RETRY),
        (507, Outcome.RETRY),
        (599, Outcome.RETRY),
        (600, Outcome.AUTH_FAILED),
        (0, Outcome.AUTH_FAILED),
        (-1, Outcome.AUTH_FAILED),
    ],
)
def test_the_table(status: int, outcome: Outcome) -> None:
    assert outcome_of(status) is outcome


def test_only_three_statuses_cost_an_alert() -> None:
    assert [status for status in range(1000) if outcome_of(status) in REFUSED] == [400, 413, 422]


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("99999999999999999999", 999_999_999.0),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("soon", None),
        ("", None),
        ("Thu, 01 Jan 2026 00:02:00 GMT", 120.0),
        ("Thu, 01 Jan 2026 00:02:00", 120.0),
        ("Thu, 01 Jan 2026 01:02:00 +0100", 120.0),
        ("Wed, 31 Dec 2025 23:00:00 GMT", 0.0),
        ("Thu, 99 Jan 2026 00:02:00 GMT", None),
    ],
)
def test_retry_after(told: str | None, seconds: float | None) -> None:
    assert retry_after_s(told, NOW_S) == seconds
