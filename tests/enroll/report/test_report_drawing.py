"""Markup, geometry, curves and histograms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from enroll.metrics import eer, frr_at_far
from enroll.report import plot
from enroll.report.curves import GRID, banded_curve, frr_at, histogram
from enroll.report.markup import Markup, element
from enroll.report.plot import Axis, Plot, probit
from enroll.report.trace import Moment, thinned

UNIT = Axis("", 0.0, 1.0, [])


def test_texts_are_escaped_and_markup_is_not() -> None:
    told = element("p", "<b> & ", element("b", "x"), class_='a"b', aria_label=None)
    assert told == '<p class="a&quot;b">&lt;b&gt; &amp; <b>x</b></p>'
    assert element("meta", charset="utf-8") == '<meta charset="utf-8">'
    assert isinstance(told, Markup)


def test_numbers_of_a_picture_are_short_and_finite() -> None:
    assert element("rect", x=1.0, y=2.345678) == '<rect x="1" y="2.35"></rect>'
    for bad in (math.nan, math.inf):
        with pytest.raises(ValueError, match="picture"):
            element("rect", x=bad)


def test_geometry() -> None:
    chart = Plot(UNIT, UNIT, width=100, height=100, left=10, right=10, top=10, bottom=10)
    assert chart.at(0.0, 0.0) == (10.0, 90.0)
    assert chart.at(1.0, 1.0) == (90.0, 10.0)
    assert chart.at(2.0, 0.5) == (90.0, 50.0)


def test_warped_axes() -> None:
    assert Axis("", 0.01, 0.99, [], probit).share(0.5) == pytest.approx(0.5)
    assert Axis("", 1.0, 100.0, [], math.log10).share(10.0) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0.8, 1.0, ["0.80", "0.85", "0.90", "0.95", "1.00"]),
        (0.0, 280.0, ["0", "50", "100", "150", "200", "250"]),
        (-6.05, 1.05, ["-6", "-4", "-2", "0"]),
    ],
)
def test_ticks_are_round(low: float, high: float, texts: list[str]) -> None:
    assert [text for _, text in plot.ticks(low, high)] == texts


def test_ticks_need_an_extent() -> None:
    with pytest.raises(ValueError, match="axis"):
        plot.ticks(1.0, 1.0)


def test_frr_at_agrees_with_the_metrics() -> None:
    rng = np.random.default_rng(3)
    bad, good = rng.normal(0, 1, 60).round(1), rng.normal(1, 1, 50).round(1)
    fars = np.array([0.0, 0.01, 0.05, 0.5, 1.0])
    assert frr_at(bad, good, fars).tolist() == [frr_at_far(bad, good, f) for f in fars]


def test_band_holds_the_curve_and_narrows_with_more_people() -> None:
    rng = np.random.default_rng(4)
    scores = {f"p{i}": (rng.normal(0, 1, 20), rng.normal(2, 1, 20)) for i in range(24)}
    many = banded_curve(scores, draws=200)
    few = banded_curve(dict(list(scores.items())[:4]), draws=200)
    assert (many.low <= many.frr + 0.02).all()
    assert (many.frr <= many.high + 0.02).all()
    assert np.all(np.diff(many.frr) <= 0.0)
    assert (many.high - many.low).mean() < (few.high - few.low).mean()
    pooled = [np.concatenate([s[k] for s in scores.values()]) for k in (0, 1)]
    assert np.interp(0.0, many.frr[::-1] - GRID[::-1], GRID[::-1]) == pytest.approx(eer(*pooled), abs=0.02)


def test_histogram_counts_everything_even_where_all_is_equal() -> None:
    edges, bad, good = histogram(np.array([1.0, 1.0]), np.array([1.0]))
    assert (sum(bad), sum(good)) == (1.0, 1.0)
    assert edges[0] < 1.0 < edges[-1]
    _, bad, good = histogram(np.array([0.0, 1.0]), np.array([3.0, 4.0]), bins=4)
    assert (bad, good) == ([0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0])


def test_thinning_keeps_the_dips() -> None:
    moments = [Moment(i * 0.1, 100.0, "genuine", "none", ()) for i in range(20_000)]
    moments[7_777] = Moment(777.7, 3.0, "suspicious", "none", ())
    kept = thinned(moments, moments[-1].t_s)
    assert len(kept) < 1_300
    assert (777.7, 3.0) in kept
    assert kept == sorted(kept)
    assert thinned(moments[:1], 0.0) == [(0.0, 100.0)]
