"""Parity with the literature: the authors' segmentation and their ways of computing, worked out by hand."""

import math

import numpy as np
import pytest

from _fastfeat import Antal39Rows, extract_antal39
from tests.fastfeat.scripts import DRAG, MOVE, PRESS, RELEASE, SCROLL

Row = tuple[float, float, float, int, int]


def played(rows: list[Row], **options: object) -> Antal39Rows:
    t, x, y, kind, button = (list(c) for c in zip(*rows, strict=True))
    codes = np.array(kind, np.uint8), np.array(button, np.uint8)
    return extract_antal39(np.array(t), np.array(x, float), np.array(y, float), *codes, **options)


def moves(start_s: float, count: int, kind: int = MOVE, x: float = 100.0) -> list[Row]:
    return [(start_s + 0.1 * i, x + 3.0 * i, 50.0 + 4.0 * i, kind, 0) for i in range(count)]


def click(t: float, x: float = 200.0) -> list[Row]:
    return [(t, x, 90.0, PRESS, 1), (t + 0.1, x, 90.0, RELEASE, 1)]


def kinds(rows: Antal39Rows) -> list[tuple[int, int]]:
    number = rows.columns.index("num_points")
    return [(int(row[0]), int(row[number])) for row in rows.features]


def test_there_are_39_columns_in_the_order_of_the_authors_files() -> None:
    columns = played(moves(0, 5) + click(1)).columns
    assert len(columns) == len(set(columns)) == 39
    assert columns[:8] == (
        "type_of_action",
        "traveled_distance_pixel",
        "elapsed_time",
        "direction_of_movement",
        "straightness",
        "num_points",
        "sum_of_angles",
        "mean_curv",
    )
    assert columns[-2:] == ("min_jerk", "a_beg_time")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (moves(0, 5) + click(1), [(3, 6)]),
        (moves(0, 4) + click(1), []),
        (moves(0, 5) + moves(30, 7) + click(31), [(1, 5), (3, 7)]),
        (
            [*moves(0, 5), (1, 200, 90, PRESS, 1), *moves(1.1, 2, DRAG), (2, 200, 90, RELEASE, 1)],
            [(1, 5), (4, 4)],
        ),
        ([*moves(0, 4), (1, 200, 90, PRESS, 1), *moves(1.1, 1, DRAG), (2, 200, 90, RELEASE, 1)], []),
        (moves(0, 9), []),
        ([*moves(0, 5), (0.9, 0, 0, SCROLL, 4), (0.95, 0, 0, SCROLL, 4), *click(1)], []),
        ([*moves(0, 5), (0.9, 0, 0, SCROLL, 4), *click(1)], [(3, 7)]),
        ([*moves(0, 5), (0.8, 65535, 65535, MOVE, 0), *click(1)], [(3, 6)]),
        (click(0.1) + moves(1, 5) + click(2), [(3, 6)]),
    ],
)
def test_segmentation(rows: list[Row], expected: list[tuple[int, int]]) -> None:
    assert kinds(played(rows)) == expected


def test_repeated_rows_count_once_and_the_file_may_know_better() -> None:
    rows = [row for row in moves(0, 5) for _ in range(2)] + click(1)
    assert kinds(played(rows)) == [(3, 6)]
    assert kinds(played(rows, repeats=np.zeros(len(rows), np.bool_))) == [(3, 11)]


def test_values_of_a_click() -> None:
    path = [(0.0, 10, 10), (0.1, 20, 10), (0.1, 30, 10), (0.2, 30, 10), (0.3, 30, 20)]
    rows: list[Row] = [(t, float(x), float(y), MOVE, 0) for t, x, y in path]
    found = played([*rows, (0.5, 30.0, 20.0, PRESS, 1), (0.6, 30.0, 20.0, RELEASE, 1)])
    value = dict(zip(found.columns, found.features[0].tolist(), strict=True))
    assert value["traveled_distance_pixel"] == 30
    assert value["elapsed_time"] == pytest.approx(0.5)
    assert value["direction_of_movement"] == 0
    assert value["straightness"] == pytest.approx(math.sqrt(500) / 30)
    assert value["sum_of_angles"] == pytest.approx(math.pi / 2)
    # Curvature of the three steps that move: 0, 0, (pi/2) / 10; the sd leaves out the first.
    mean = math.pi / 60
    assert value["mean_curv"] == pytest.approx(mean)
    assert value["sd_curv"] == pytest.approx(math.sqrt((mean**2 + (math.pi / 20 - mean) ** 2) / 2))
    assert value["num_critical_points"] == 2
    # Speeds: the series starts with 0, equal times count 0.01 s apart, a minimum of 0 is the last value's.
    assert value["max_v"] == pytest.approx(1000)
    assert value["mean_v"] == pytest.approx((0 + 100 + 1000 + 0 + 100 + 0) / 6)
    assert value["min_v"] == 0
    assert value["min_a"] == pytest.approx(-10000)
    assert value["a_beg_time"] == pytest.approx(0.11)
    assert found.start_s[0] == 0
    assert found.end_s[0] == 0.5


def test_lengths_are_checked() -> None:
    t = np.arange(3.0)
    codes = np.zeros(3, np.uint8)
    with pytest.raises(ValueError, match=r"^y: shape \(2,\), but t_s has \(3,\)$"):
        extract_antal39(t, t, t[:2], codes, codes)
    assert len(extract_antal39(t[:0], t[:0], t[:0], codes[:0], codes[:0])) == 0
