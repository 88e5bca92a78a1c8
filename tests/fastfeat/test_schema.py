"""The schema: complete, unique, and what is written from it up to date."""

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest

from _fastfeat import FEATURES, SCHEMA, ActionKind, ActionRows, _kernel, columns, extract
from _fastfeat.schema import GROUPS
from tests.fastfeat.scripts import assert_same, work

ROOT = Path(__file__).parents[2]
UNITS = {"1", "s", "px", "rad", "Hz", "px/s", "px/s2", "px/s3", "px/s4", "px2", "rad/px", "rad/s"}


def test_names_are_unique_and_plain() -> None:
    assert len(set(FEATURES)) == len(FEATURES) == _kernel.COLUMNS >= 120
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in FEATURES)


def test_every_feature_is_described() -> None:
    for f in SCHEMA:
        assert f.group in GROUPS
        assert f.unit in UNITS
        assert f.definition
        assert f.source
        assert f.undefined
        assert set(f.kinds.split()) <= {k.name for k in ActionKind}
        assert f.configuration_sensitive == (f.group == "device")


def test_names_end_in_their_unit() -> None:
    for f in SCHEMA:
        if f.unit != "1" and f.group != "device" and not f.name.startswith("direction"):
            assert f.name.endswith("_" + f.unit.lower().replace("/", "_")), f.name


@pytest.mark.parametrize(
    ("path", "text"), [("_fastfeat/_columns.pxd", columns.columns), ("docs/features.md", columns.page)]
)
def test_files_written_from_the_schema_are_up_to_date(path: str, text: object) -> None:
    assert callable(text)
    assert (ROOT / path).read_text(encoding="utf-8") == text(), f"python -m _fastfeat.columns > {path}"


def test_kinds_without_a_feature_have_nan() -> None:
    rows = extract(*work(41, 200))
    for i, f in enumerate(SCHEMA):
        lacking = [k for k in ActionKind if k.name not in f.kinds.split()]
        assert np.isnan(rows.features[np.isin(rows.kind, lacking), i]).all(), f.name


def test_rows_can_be_cut_chosen_and_joined() -> None:
    rows = extract(*work(42, 30))
    assert_same(ActionRows.concat([rows[:7], rows[7:]]), rows)
    chosen = rows[rows.kind == ActionKind.MM]
    assert set(chosen.kind.tolist()) == {1}
    assert len(ActionRows.concat([])) == len(ActionRows.empty()) == 0
    with pytest.raises(ValueError, match="start_ns"):
        ActionRows(rows.features, rows.kind, rows.start_ns[1:], rows.end_ns, rows.points)
    with pytest.raises(ValueError, match="features"):
        ActionRows(rows.features[:, 1:], rows.kind, rows.start_ns, rows.end_ns, rows.points)


def test_schema_of_the_first_release_is_unchanged() -> None:
    told = "\n".join(f"{f.name}|{f.unit}|{f.definition}|{f.undefined}|{f.kinds}" for f in SCHEMA)
    assert hashlib.sha256(told.encode()).hexdigest()[:16] == "d4cc17dc269483fc"
