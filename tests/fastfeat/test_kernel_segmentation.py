"""The rules of segmentation, one short script each."""

import numpy as np
import pytest

from _fastfeat import FEATURES, ActionKind, ActionRows, extract
from tests.fastfeat.scripts import DRAG, MOVE, MS, PRESS, RELEASE, SCROLL, pack

KINDS = {"m": (MOVE, 0), "d": (DRAG, 0), "P": (PRESS, 1), "R": (RELEASE, 1)}
KINDS |= {"Q": (PRESS, 3), "S": (RELEASE, 3), "u": (SCROLL, 4), "v": (SCROLL, 5)}


def played(script: str, **options: int) -> ActionRows:
    """One event a letter, 10 ms and 5 px apart; clicks stay in place; ``_`` waits 2 s, ``.`` 0.3 s."""
    rows, t, x = [], 0, 0
    for letter in script:
        t += {"_": 2000, ".": 300}.get(letter, 10) * MS
        x += 5 if letter in "md" else 0
        if letter in KINDS:
            kind, button = KINDS[letter]
            rows.append((t, float(x), 0.0, kind, button))
    return extract(*pack(rows), **options)


def shape(rows: ActionRows) -> list[tuple[str, int]]:
    return [(ActionKind(k).name, int(n)) for k, n in zip(rows.kind, rows.points, strict=True)]


def value(rows: ActionRows, row: int, name: str) -> float:
    return float(rows.features[row, FEATURES.index(name)])


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("mmm", []),
        ("mmmm", [("MM", 4)]),
        ("mmmm_mmmmm", [("MM", 4), ("MM", 5)]),
        ("mmPR", [("PC", 4)]),
        ("PR", []),
        ("mmmmPRmmmm", [("PC", 6), ("MM", 4)]),
        ("mmmmPdddR", [("PC", 9)]),
        ("mmmmPddddR", [("MM", 4), ("DD", 6)]),
        ("mmmPddddR", [("DD", 6)]),
        ("PddddR", [("DD", 6)]),
        ("mmmmPdddd_ddddR", [("MM", 4), ("DD", 5), ("DD", 5)]),
        ("mmmmPdd_ddR", [("PC", 7)]),
        ("mmmmPdd_dddR", [("PC", 7), ("PC", 4)]),
        ("mmmm_PddddR", [("MM", 4), ("DD", 6)]),
        ("mmmmP_R", [("PC", 5)]),
        ("mmmmPmmmm", [("PC", 5), ("MM", 4)]),
        ("mmmmPPddddR", [("PC", 5), ("DD", 6)]),
        ("mmmmPdQddSdR", [("MM", 4), ("DD", 8)]),
        ("mmmmRmm", [("MM", 7)]),
        ("ddddd", [("MM", 5)]),
        ("mmmmuvvmmmm", [("MM", 4), ("SCROLL", 3), ("MM", 4)]),
        ("u", []),
        ("uu_u", [("SCROLL", 2)]),
        ("mmmmPdddduuddddR", [("MM", 4), ("DD", 5), ("SCROLL", 2), ("DD", 5)]),
    ],
)
def test_cuts(script: str, expected: list[tuple[str, int]]) -> None:
    assert shape(played(script)) == expected


def test_a_gap_is_more_than_the_gap() -> None:
    rows = [(i * 8 * MS, float(i), 0.0, MOVE, 0) for i in range(4)]
    last = rows[-1][0]
    for wait, count in ((1000 * MS, 1), (1000 * MS + 1, 2)):
        after = [(last + wait + i * 8 * MS, 50.0 + i, 0.0, MOVE, 0) for i in range(4)]
        assert len(extract(*pack(rows + after))) == count


def test_the_cap_ends_an_action() -> None:
    assert shape(played("m" * 20, max_points=8)) == [("MM", 8), ("MM", 8), ("MM", 4)]
    assert shape(played("mmmmmmmP" + "dddd" + "R", max_points=8)) == [("PC", 8), ("DD", 5)]
    assert shape(played("v" * 10, max_points=8)) == [("SCROLL", 8), ("SCROLL", 2)]


def test_clicks_are_counted_through_actions_too_short_for_a_row() -> None:
    rows = played("mmPRPR.PR_mmmm")
    assert shape(rows) == [("PC", 4), ("MM", 4)]
    assert value(rows, 0, "clicks") == 1
    assert value(rows, 0, "double_clicks") == 0
    assert np.isnan(value(rows, 0, "double_click_s"))
    assert value(rows, 1, "clicks") == 2
    assert value(rows, 1, "double_clicks") == 2
    assert value(rows, 1, "double_click_s") == pytest.approx(0.32)
    assert value(rows, 1, "last_hold_s") == pytest.approx(0.01)
    assert value(rows, 1, "since_click_s") == pytest.approx(2.02)
    assert value(rows, 1, "before_pause_s") == pytest.approx(2.01)


def test_own_click_and_the_one_before() -> None:
    rows = played("mmPRmmmPR")
    assert shape(rows) == [("PC", 4), ("PC", 5)]
    assert np.isnan(value(rows, 0, "since_click_s"))
    assert value(rows, 1, "since_click_s") == pytest.approx(0.05)
    assert value(rows, 1, "since_action_s") == pytest.approx(0.01)
    assert value(rows, 1, "hold_s") == pytest.approx(0.01)
    assert value(rows, 1, "button") == 1


def test_the_hold_of_a_button_is_known_through_a_gap_and_nan_without_a_release() -> None:
    rows = played("mmmmPdddd_ddddR")
    assert np.isnan(value(rows, 1, "hold_s"))
    assert value(rows, 2, "hold_s") == pytest.approx(2.09)
    assert np.isnan(value(rows, 2, "press_path_px"))
    assert value(rows, 1, "press_path_px") == 20


def test_a_drag_begins_a_row_of_its_own_with_its_own_context() -> None:
    rows = played("mmmm.PddddR")
    assert value(rows, 1, "before_pause_s") == pytest.approx(0.31)
    assert value(rows, 1, "since_action_s") == pytest.approx(0.31)
    assert value(rows, 1, "path_px") == 20
    assert value(rows, 1, "drag_lag_s") == pytest.approx(0.01)


def test_the_move_before_a_drag_is_known_at_the_fourth_drag_event() -> None:
    from _fastfeat import ActionStream

    stream = ActionStream()
    rows = [(i * 8 * MS, float(i), 0.0, k, b) for i, (k, b) in enumerate(KINDS[c] for c in "mmmmPdddd")]
    assert len(stream.push(*pack(rows[:-1]))) == 0
    assert shape(stream.push(*pack(rows[-1:]))) == [("MM", 4)]
