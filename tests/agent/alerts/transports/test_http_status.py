"""The table of statuses, and what Retry-After asks for."""

from __future__ import annotations

import pytest

from agent.alerts.api import REFUSED, DeliveryOutcome
from agent.alerts.transports.http_status import outcome_of, retry_after_s

NOW_S = 1_767_225_600.0  # 1 January 2026, 00:00 UTC


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, DeliveryOutcome.OK),
        (201, DeliveryOutcome.OK),
        (202, DeliveryOutcome.OK),
        (204, DeliveryOutcome.OK),
        (299, DeliveryOutcome.OK),
        (100, DeliveryOutcome.AUTH_FAILED),
        (301, DeliveryOutcome.AUTH_FAILED),
        (302, DeliveryOutcome.AUTH_FAILED),
        (307, DeliveryOutcome.AUTH_FAILED),
        (308, DeliveryOutcome.AUTH_FAILED),
        (400, DeliveryOutcome.PERMANENT),
        (401, DeliveryOutcome.AUTH_FAILED),
        (403, DeliveryOutcome.AUTH_FAILED),
        (404, DeliveryOutcome.AUTH_FAILED),
        (405, DeliveryOutcome.AUTH_FAILED),
        (407, DeliveryOutcome.AUTH_FAILED),
        (408, DeliveryOutcome.RETRY),
        (410, DeliveryOutcome.AUTH_FAILED),
        (413, DeliveryOutcome.TOO_LARGE),
        (415, DeliveryOutcome.AUTH_FAILED),
        (418, DeliveryOutcome.AUTH_FAILED),
        (421, DeliveryOutcome.AUTH_FAILED),
        (422, DeliveryOutcome.PERMANENT),
        (425, DeliveryOutcome.RETRY),
        (426, DeliveryOutcome.AUTH_FAILED),
        (429, DeliveryOutcome.BACK_OFF),
        (500, DeliveryOutcome.RETRY),
        (501, DeliveryOutcome.RETRY),
        (502, DeliveryOutcome.RETRY),
        (503, DeliveryOutcome.BACK_OFF),
        (504, DeliveryOutcome.RETRY),
        (507, DeliveryOutcome.RETRY),
        (599, DeliveryOutcome.RETRY),
        (600, DeliveryOutcome.AUTH_FAILED),
        (0, DeliveryOutcome.AUTH_FAILED),
        (-1, DeliveryOutcome.AUTH_FAILED),
    ],
)
def test_the_table(status: int, outcome: DeliveryOutcome) -> None:
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
