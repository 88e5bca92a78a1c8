"""The schema: complete, unique, and what is written from it up to date."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from _fastfeat import FEATURES, SCHEMA, ActionKind, ActionRows, _kernel, columns, extract
from _fastfeat.checks import check_kernel
from _fastfeat.feature import Feature
from _fastfeat.schema import APPENDED, GROUPS, fingerprint
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


FIRST_RELEASE = 177


def digest(features: Sequence[Feature]) -> str:
    text = "\n".join(f"{f.name}|{f.unit}|{f.definition}|{f.undefined}|{f.kinds}" for f in features)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_schema_of_the_first_release_is_unchanged_whatever_is_appended() -> None:
    """A feature is never redefined: a change is a new name, at the end (`schema.APPENDED`)."""
    assert digest(SCHEMA[:FIRST_RELEASE]) == "d4cc17dc269483fc"
    assert SCHEMA[FIRST_RELEASE:] == APPENDED


def test_a_redefinition_or_another_order_is_noticed_and_an_appended_feature_is_not() -> None:
    first = SCHEMA[:FIRST_RELEASE]
    assert digest((*first, replace(first[0], name="new_s"))[:FIRST_RELEASE]) == digest(first)
    assert digest((replace(first[0], definition="something else"), *first[1:])) != digest(first)
    assert digest((first[1], first[0], *first[2:])) != digest(first)


def test_a_kernel_of_other_columns_is_noticed_and_not_by_their_number_alone() -> None:
    assert fingerprint() == _kernel.FINGERPRINT
    swapped = (FEATURES[1], FEATURES[0], *FEATURES[2:])
    for compiled in (0, fingerprint(swapped), fingerprint((*FEATURES, "new_s")), fingerprint(FEATURES[:-1])):
        with pytest.raises(RuntimeError, match="build it again"):
            check_kernel(compiled)
    check_kernel(fingerprint())
