"""Cohorts as files: anonymous feature rows of other people, grouped by mouse configuration.

The same form as a profile (see `agent.files.archive`), signed by the administrator. People are numbers in it,
and mice lack their serial numbers, which would name their owners.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.engine.sketch import WIDTH
from agent.files.archive import Archive, ArchiveForm, pack, read_bounded, unpack
from agent.files.field_checks import check_keys, check_names, utc
from agent.files.keys import Role, SigningKey, Trust
from agent.files.private import write_private

COHORT: Final = ArchiveForm("cohort", schema=1, most_bytes=1 << 30, undefined=True)

_KEYS: Final = frozenset(("cohort_id", "created", "features", "mice"))
_COLUMNS: Final[Mapping[str, np.dtype[Any]]] = {
    "features": np.dtype("<f8"),
    "kind": np.dtype("|u1"),
    "person": np.dtype("<i4"),
}
_SKETCHES: Final = "sketches"
_SKETCH: Final = np.dtype("<f4")


@dataclass(frozen=True, slots=True, eq=False)
class CohortGroup:
    """The rows of one mouse configuration.

    Attributes
    ----------
    mouse : MouseConfiguration
        Without serial number.
    features : ndarray of float64, shape (n, F)
        One row an action; NaN where a feature is undefined.
    kind : ndarray of uint8, shape (n,)
        Kind of each action.
    person : ndarray of int32, shape (n,)
        Whose row it is: a number that means nothing outside this file.
    sketches : ndarray of float32, shape (n, WIDTH), or None
        Of the same actions (`agent.engine.sketch`), where the administrator had them made.
    """

    mouse: MouseConfiguration
    features: NDArray[np.float64]
    kind: NDArray[np.uint8]
    person: NDArray[np.int32]
    sketches: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """Anonymous feature rows.

    Attributes
    ----------
    cohort_id : str
        UUID of this version.
    created : str
        ISO 8601 in UTC.
    features : tuple of str
        Names of the columns.
    groups : tuple of CohortGroup
        One for each mouse configuration.
    """

    cohort_id: str
    created: str
    features: tuple[str, ...]
    groups: tuple[CohortGroup, ...]

    def group_of(self, mouse: MouseConfiguration) -> CohortGroup | None:
        """The rows under the same configuration, whatever the serial number; None where there are none."""
        key = anonymous(mouse).key
        return next((group for group in self.groups if group.mouse.key == key), None)


def anonymous(mouse: MouseConfiguration) -> MouseConfiguration:
    """The configuration without the serial number: the same for everybody who has such a mouse."""
    return replace(mouse, serial="")


def write_cohort(path: Path, cohort: Cohort, signing_key: SigningKey) -> None:
    """Sign a cohort as the administrator and keep it at `path`.

    Raises
    ------
    SteadyhandError
        If it is not valid, or the file cannot be written.
    """
    content = {
        "cohort_id": cohort.cohort_id,
        "created": cohort.created,
        "features": list(cohort.features),
        "mice": {group.mouse.key: group.mouse.to_json() for group in cohort.groups},
    }
    arrays = {
        f"{group.mouse.key}/{name}": getattr(group, name).astype(dtype, casting="same_kind")
        for group in cohort.groups
        for name, dtype in _COLUMNS.items()
    }
    arrays |= {
        f"{group.mouse.key}/{_SKETCHES}": group.sketches.astype(_SKETCH, casting="same_kind")
        for group in cohort.groups
        if group.sketches is not None
    }
    try:
        _check(cohort)
        packed = pack(COHORT, content, arrays, signing_key, Role.ADMINISTRATOR.value, uses=cohort.features)
    except (ValueError, TypeError) as error:
        raise SteadyhandError(f"the cohort cannot be written ({error})", "mend its rows") from error
    write_private(path, packed)


def read_cohort(path: Path, trust: Trust) -> Cohort:
    """Read a cohort, checking everything before any of it is used.

    Raises
    ------
    SteadyhandError
        If it is damaged, changed, not signed by an administrator, made for a newer Steadyhand, or not valid.
    """
    archive = unpack(COHORT, read_bounded(path, COHORT), str(path), trust)
    if trust.role_of(archive.key_id) is not Role.ADMINISTRATOR:
        raise SteadyhandError(f"{path} was signed by this computer", "have the administrator sign it")
    try:
        cohort = _cohort(archive)
        _check(cohort)
    except ValueError as error:
        raise SteadyhandError(f"{path} is not valid ({error})", "have it made again") from error
    return cohort


def _cohort(archive: Archive) -> Cohort:
    content = archive.content
    check_keys(content, _KEYS)
    if not isinstance(content["features"], list) or not isinstance(content["mice"], dict):
        raise ValueError("features or mice are not what they should be")
    expected = {f"{key}/{name}" for key in content["mice"] for name in _COLUMNS}
    drawn = {f"{key}/{_SKETCHES}" for key in content["mice"]}
    if set(archive.arrays) - drawn != expected:
        raise ValueError("arrays missing or unknown")
    groups = tuple(_group(key, mouse, archive.arrays) for key, mouse in content["mice"].items())
    return Cohort(content["cohort_id"], content["created"], tuple(content["features"]), groups)


def _group(key: str, mouse: Any, arrays: Mapping[str, NDArray[Any]]) -> CohortGroup:
    if not isinstance(mouse, dict) or MouseConfiguration.from_json(mouse).key != key:
        raise ValueError(f"mouse {key} is not the one that it says")
    columns = {name: arrays[f"{key}/{name}"] for name in _COLUMNS}
    if any(column.dtype != _COLUMNS[name] for name, column in columns.items()):
        raise ValueError(f"mouse {key}: a column is of another dtype")
    sketches = arrays.get(f"{key}/{_SKETCHES}")
    return CohortGroup(MouseConfiguration.from_json(mouse), **columns, sketches=sketches)


def _check(cohort: Cohort) -> None:
    if not isinstance(cohort.cohort_id, str) or str(uuid.UUID(cohort.cohort_id)) != cohort.cohort_id:
        raise ValueError(f"cohort_id {cohort.cohort_id!r} is not a UUID in its usual form")
    utc("created", cohort.created)
    check_names("features", cohort.features)
    keys = [group.mouse.key for group in cohort.groups]
    if len(set(keys)) != len(keys):
        raise ValueError("two groups have one mouse configuration")
    for group in cohort.groups:
        n = len(group.kind)
        shapes = (group.features.shape, group.kind.shape, group.person.shape)
        if shapes != ((n, len(cohort.features)), (n,), (n,)):
            raise ValueError(f"mouse {group.mouse.key}: shapes {shapes} do not fit")
        sketches = group.sketches
        if sketches is not None and (sketches.shape != (n, WIDTH) or sketches.dtype != _SKETCH):
            raise ValueError(
                f"mouse {group.mouse.key}: sketches of another version, {sketches.dtype} {sketches.shape}"
            )
        if group.mouse.serial:
            raise ValueError(f"mouse {group.mouse.key}: a serial number would name its owner")
