"""Cohort files: rows without names, signed by the administrator alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Profile
from agent.engine.sketch import WIDTH
from agent.files.archive import pack
from agent.files.cohort import COHORT, Cohort, CohortGroup, anonymous, read_cohort, write_cohort
from agent.files.keys import Role
from agent.files.profile import write_profile

MOUSE = MouseConfiguration("evdev", "usb", "046d", "c077", serial="A1", cpi=1000)


def group_of(mouse: MouseConfiguration, n: int = 20, features: int = 3) -> CohortGroup:
    rng = np.random.default_rng(n)
    rows = rng.normal(size=(n, features))
    rows[::4, 1] = np.nan
    kind = rng.integers(0, 4, n, dtype=np.uint8)
    return CohortGroup(anonymous(mouse), rows, kind, rng.integers(0, 5, n, dtype=np.int32))


@pytest.fixture
def cohort() -> Cohort:
    groups = (group_of(MOUSE), group_of(replace(MOUSE, cpi=1600), n=7))
    return Cohort(
        "00000000-0000-4000-8000-000000000001", "2026-01-01T00:00:00+00:00", ("a_s", "b_px", "c"), groups
    )


def test_a_cohort_comes_back_with_its_undefined_values(tmp_path: Path, keys: Any, cohort: Cohort) -> None:
    write_cohort(tmp_path / "c", cohort, keys.administrator)
    back = read_cohort(tmp_path / "c", keys.trust)
    assert (back.cohort_id, back.created, back.features) == (
        cohort.cohort_id,
        cohort.created,
        cohort.features,
    )
    for group in cohort.groups:
        other = back.group_of(group.mouse)
        assert other is not None
        for name in ("features", "kind", "person"):
            np.testing.assert_array_equal(getattr(other, name), getattr(group, name))
            assert getattr(other, name).dtype == getattr(group, name).dtype
    assert np.isnan(back.groups[0].features).any()


def drawn(cohort: Cohort, width: int = WIDTH) -> Cohort:
    """The same with sketches in the first group."""
    first, *rest = cohort.groups
    told = np.arange(len(first.kind) * width, dtype=np.float32).reshape(-1, width)
    return replace(cohort, groups=(replace(first, sketches=told), *rest))


def test_sketches_come_back_where_there_are_any(tmp_path: Path, keys: Any, cohort: Cohort) -> None:
    write_cohort(tmp_path / "c", drawn(cohort), keys.administrator)
    back = read_cohort(tmp_path / "c", keys.trust)
    with_them, without = (back.group_of(group.mouse) for group in cohort.groups)
    assert with_them is not None
    assert with_them.sketches is not None
    assert np.array_equal(with_them.sketches, drawn(cohort).groups[0].sketches)
    assert without is not None
    assert without.sketches is None


def test_sketches_of_another_version_are_refused(tmp_path: Path, keys: Any, cohort: Cohort) -> None:
    with pytest.raises(SteadyhandError, match="sketches of another version"):
        write_cohort(tmp_path / "c", drawn(cohort, WIDTH + 2), keys.administrator)


def test_a_group_is_found_whatever_the_serial_number(cohort: Cohort) -> None:
    told = cohort.group_of(replace(MOUSE, serial="B2"))
    assert told is cohort.groups[0]
    assert cohort.group_of(replace(MOUSE, cpi=400)) is None


def test_a_serial_number_is_never_written(tmp_path: Path, keys: Any, cohort: Cohort) -> None:
    named = replace(cohort, groups=(replace(cohort.groups[0], mouse=MOUSE),))
    with pytest.raises(SteadyhandError, match="a serial number would name its owner"):
        write_cohort(tmp_path / "c", named, keys.administrator)
    assert not (tmp_path / "c").exists()


def test_only_the_administrator_makes_cohorts(tmp_path: Path, keys: Any, cohort: Cohort) -> None:
    for key, reason in ((keys.local, "signed by this computer"), (keys.stranger, "does not know")):
        write_cohort(tmp_path / "c", cohort, key)
        with pytest.raises(SteadyhandError, match=reason):
            read_cohort(tmp_path / "c", keys.trust)
    empty = {"cohort_id": cohort.cohort_id, "created": cohort.created, "features": ["a"], "mice": {}}
    (tmp_path / "c").write_bytes(pack(COHORT, empty, {}, keys.local, Role.LOCAL.value, uses=()))
    with pytest.raises(SteadyhandError, match="signed by this computer: have the administrator sign it"):
        read_cohort(tmp_path / "c", keys.trust)


def test_a_profile_is_no_cohort(tmp_path: Path, keys: Any, make_profile: Callable[..., Profile]) -> None:
    write_profile(tmp_path / "p", make_profile(), keys.administrator, Role.ADMINISTRATOR)
    with pytest.raises(SteadyhandError, match="is a 'profile', not a cohort"):
        read_cohort(tmp_path / "p", keys.trust)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cohort_id": "x"}, "badly formed|UUID"),
        ({"created": "2026-01-01"}, "no time zone"),
        ({"features": ("a", "b")}, "do not fit"),
        ({"features": ("a", "a", "b")}, "one twice"),
        ({"groups": (group_of(MOUSE), group_of(MOUSE))}, "one mouse configuration"),
        ({"groups": (replace(group_of(MOUSE), person=np.zeros(3, np.int32)),)}, "do not fit"),
        ({"groups": (replace(group_of(MOUSE), features=np.full((20, 3), np.inf)),)}, "not finite"),
    ],
)
def test_what_is_not_valid_is_not_written(
    tmp_path: Path, keys: Any, cohort: Cohort, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(SteadyhandError, match=reason):
        write_cohort(tmp_path / "c", replace(cohort, **changes), keys.administrator)


@pytest.mark.parametrize(
    ("content", "arrays", "reason"),
    [
        ({"mice": {}}, {"x/features": np.zeros((1, 1))}, "arrays missing or unknown"),
        ({"mice": []}, {}, "not what they should be"),
        ({"mice": {"0" * 16: {}}}, None, "mouse configuration: keys"),
        ({"mice": {"0" * 16: MOUSE.to_json()}}, None, "not the one that it says"),
        ({"mice": {}, "names": ["mira"]}, {}, "keys missing or unknown: names"),
        ({"mice": {}, "features": "a"}, {}, "not what they should be"),
        ({"mice": {}, "cohort_id": 5}, {}, "is not a UUID"),
        ({"mice": {anonymous(MOUSE).key: anonymous(MOUSE).to_json()}}, None, "another dtype"),
    ],
)
def test_what_is_signed_but_wrong_is_refused(
    tmp_path: Path, keys: Any, content: dict[str, Any], arrays: dict[str, Any] | None, reason: str
) -> None:
    base = {
        "cohort_id": "00000000-0000-4000-8000-000000000001",
        "created": "2026-01-01T00:00:00Z",
        "features": ["a"],
    }
    if arrays is None:
        (key,) = content["mice"]
        arrays = {f"{key}/{name}": np.zeros((2, 1)) for name in ("features", "kind", "person")}
    (tmp_path / "c").write_bytes(
        pack(COHORT, base | content, arrays, keys.administrator, "administrator", uses=())
    )
    with pytest.raises(SteadyhandError, match=reason):
        read_cohort(tmp_path / "c", keys.trust)
