"""Numbers in words, and what rates mean for many people."""

from __future__ import annotations

import math

import pytest

from enroll.report import rates
from enroll.report.words import NOT_MEASURED, about, counted, lasting, number, one_in, percent, short


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_percent_and_number() -> None:
    assert plain(percent(0.1304)) == "13.0 %"
    assert plain(percent(0.775, 0)) == "78 %"
    assert number(0.94213) == "0.942"
    assert {percent(None), number(None), short(None)} == {NOT_MEASURED}


@pytest.mark.parametrize(
    ("value", "said"),
    [(13_333.3, "13,300"), (0.5, "0.5"), (3.0, "3"), (0.004567, "0.00457"), (0.0, "0"), (120.0, "120")],
)
def test_short_has_three_digits(value: float, said: str) -> None:
    assert short(value) == said


def test_about_is_for_sentences() -> None:
    assert [about(v) for v in (13_333.0, 4.44, 0.0)] == ["about 13,000", "about 4.4", "none"]
    assert [counted("{n} lock", "{n} locks", n) for n in (1, 2, 2.5)] == ["1 lock", "2 locks", "2.5 locks"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (130.0, "2 min 10 s"),
        (11_100.0, "3 h 5 min"),
        (None, "no"),
    ],
)
def test_lasting(seconds: float | None, said: str) -> None:
    assert plain(lasting(seconds, "no")) == said


def test_small_chances() -> None:
    assert one_in(0.0123) == "1 in 81"
    assert one_in(1e-9) == "less than 1 in a million"
    assert one_in(0.0) == "practically never"
    assert plain(one_in(0.8)) == "80 %"


def test_one_false_lock_in_40_hours_is_a_thousand_a_week() -> None:
    assert rates.per_week(1.0) == 1_000.0
    assert rates.hours_needed(1.0) == 120.0
    assert rates.most_per_40h(0, 120.0) == pytest.approx(1.0)


def test_interval_of_a_rate_against_published_figures() -> None:
    # Garwood's table: 9 events, 4.115 to 17.085; none, 0 to 3.689.
    assert rates.interval_per_40h(9, 40.0) == pytest.approx((4.115, 17.085), abs=1e-3)
    assert rates.interval_per_40h(0, 40.0) == pytest.approx((0.0, 3.689), abs=1e-3)


def test_chance_of_so_many() -> None:
    assert rates.chance_of_so_many(0, 5.0) == 1.0
    assert rates.chance_of_so_many(1, 2.0) == pytest.approx(1.0 - math.exp(-2.0))
    assert rates.chance_of_so_many(3, 0.0) == 0.0
    assert 0.0 <= rates.chance_of_so_many(40, 0.5) < 1e-12


def test_bound_of_a_share() -> None:
    assert rates.most_share(0, 205) == pytest.approx(1.0 - 0.05 ** (1 / 205))
    assert rates.most_share(0, 205) == pytest.approx(3 / 205, rel=0.01)
    assert rates.most_share(3, 3) == 1.0
    assert rates.most_share(5, 10) == pytest.approx(0.7776, abs=1e-4)
    with pytest.raises(ValueError, match="events"):
        rates.most_share(1, 0)


def test_precision_of_locks() -> None:
    assert rates.precision(0.5, 10.0, 5.0) == 0.5
    assert rates.precision(0.0, 1.0, 0.0) is None
    assert rates.precision(None, 1.0, 1.0) is None
