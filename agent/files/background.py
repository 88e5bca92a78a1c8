"""Backgrounds as files: how people differ from one another, as matrices. No row of anybody, no name.

The same form as a profile (see `agent.files.archive`), signed by the administrator.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.errors import SteadyhandError
from agent.files.archive import Archive, ArchiveForm, pack, read_bounded, unpack
from agent.files.field_checks import check_keys, check_names, utc
from agent.files.keys import Role, SigningKey, Trust
from agent.files.paths import Paths
from agent.files.private import write_private

BACKGROUND: Final = ArchiveForm("background", schema=1, most_bytes=1 << 26)
LEAST_PEOPLE: Final = 2
FOLDER_BACKGROUND: Final = "folder"
"""As the setting ``enrolment.background`` names the one of the administrator's folder."""

_KEYS: Final = frozenset(("background_id", "created", "features", "classes", "digests"))
_CLASS_KEYS: Final = frozenset(("period_ms", "length", "people"))
_STEPS: Final = 32_767

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RateClass:
    """Second moments of windows of one length under one class of report rate.

    Attributes
    ----------
    period_ms : int
        Time between two reports of the mouse.
    length : int
        Of the windows, in actions.
    people : int
    own, others : ndarray of float64, shape (v, v)
        Of a person's own later windows about the mean of the first session, and of other people's.
    """

    period_ms: int
    length: int
    people: int
    own: Floats
    others: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """How people differ.

    Attributes
    ----------
    background_id : str
        UUID of this version.
    created : str
        ISO 8601 in UTC.
    features : tuple of str
        Window vectors hold the mean of each, then the log-spread of each.
    classes : tuple of RateClass
    digests : tuple of str
        SHA-256 of the recordings that it was made from: who is in them is not tested against it.
    """

    background_id: str
    created: str
    features: tuple[str, ...]
    classes: tuple[RateClass, ...]
    digests: tuple[str, ...] = ()


def write_background(path: Path, background: Background, signing_key: SigningKey) -> None:
    """Sign a background as the administrator and keep it at `path`.

    Raises
    ------
    SteadyhandError
        If it is not valid, or the file cannot be written.
    """
    content = {
        "background_id": background.background_id,
        "created": background.created,
        "features": list(background.features),
        "digests": list(background.digests),
        "classes": [
            {"period_ms": rate.period_ms, "length": rate.length, "people": rate.people}
            for rate in background.classes
        ],
    }
    arrays: dict[str, NDArray[Any]] = {}
    for rate in background.classes:
        for name, moments in (("own", rate.own), ("others", rate.others)):
            arrays |= _packed(f"{rate.period_ms}/{rate.length}/{name}", moments)
    try:
        _check(background)
        packed = pack(BACKGROUND, content, arrays, signing_key, Role.ADMINISTRATOR.value, uses=())
    except (ValueError, TypeError) as error:
        raise SteadyhandError(f"the background cannot be written ({error})", "build it again") from error
    write_private(path, packed)


def read_background(path: Path, trust: Trust) -> Background:
    """Read a background, checking everything before any of it is used.

    Raises
    ------
    SteadyhandError
        If it is damaged, changed, not signed by an administrator, of a newer version or of one person, or not valid.
    """
    return open_background(read_bounded(path, BACKGROUND), str(path), trust)


def open_background(packed: bytes, where: str, trust: Trust) -> Background:
    """Check a packed background and read it.

    Parameters
    ----------
    packed : bytes
    where : str
        Its name in errors.
    trust : Trust

    Raises
    ------
    SteadyhandError
        As `read_background`.
    """
    archive = unpack(BACKGROUND, packed, where, trust)
    if trust.role_of(archive.key_id) is not Role.ADMINISTRATOR:
        raise SteadyhandError(f"{where} was signed by this computer", "have the administrator sign it")
    try:
        background = _background(archive)
        _check(background)
    except (ValueError, KeyError, TypeError) as error:
        raise SteadyhandError(f"{where} is not valid ({error})", "have it made again") from error
    return background


def fetched_background_file(paths: Paths) -> Path:
    """The administrator's background of differences, as it was fetched last."""
    return paths.state_dir / "fetched.background"


def install_background(paths: Paths, packed: bytes, where: str, trust: Trust) -> Background:
    """Check a background that the administrator's folder has and keep it; what was there before stays if it is refused.

    Raises
    ------
    SteadyhandError
        As `open_background`, or if it cannot be written.
    """
    background = open_background(packed, where, trust)
    write_private(fetched_background_file(paths), packed)
    return background


def _background(archive: Archive) -> Background:
    content = archive.content
    check_keys(content, _KEYS)
    classes = []
    for fields in content["classes"]:
        check_keys(fields, _CLASS_KEYS)
        if any(type(fields[key]) is not int or fields[key] < 1 for key in _CLASS_KEYS):
            raise ValueError("a class of report rate is not what it should be")
        name = f"{fields['period_ms']}/{fields['length']}"
        size = 2 * len(content["features"])
        own, others = (_unpacked(archive, f"{name}/{part}", size) for part in ("own", "others"))
        classes.append(RateClass(fields["period_ms"], fields["length"], fields["people"], own, others))
    if len(archive.arrays) != 4 * len(classes):
        raise ValueError("arrays missing or unknown")
    return Background(
        content["background_id"],
        content["created"],
        tuple(content["features"]),
        tuple(classes),
        tuple(content["digests"]),
    )


def _packed(name: str, moments: Floats) -> dict[str, NDArray[Any]]:
    """The lower triangle in steps of a 32,767th of its largest value."""
    triangle = moments[np.tril_indices(len(moments))]
    most = float(np.abs(triangle).max(initial=0.0)) or 1.0
    steps = np.round(triangle / most * _STEPS).astype(np.int16)
    return {f"{name}/steps": steps, f"{name}/most": np.array(most)}


def _unpacked(archive: Archive, name: str, size: int) -> Floats:
    steps, most = archive.arrays[f"{name}/steps"], archive.arrays[f"{name}/most"]
    if steps.shape != (size * (size + 1) // 2,) or steps.dtype != np.dtype("<i2") or most.shape != ():
        raise ValueError(f"{name}: {steps.dtype} {steps.shape}")
    moments = np.zeros((size, size))
    moments[np.tril_indices(size)] = steps.astype(np.float64) * (float(most) / _STEPS)
    return moments + np.tril(moments, -1).T


def _check(background: Background) -> None:
    if str(uuid.UUID(background.background_id)) != background.background_id:
        raise ValueError(f"background_id {background.background_id!r} is not a UUID in its usual form")
    utc("created", background.created)
    check_names("features", background.features)
    keys = [(rate.period_ms, rate.length) for rate in background.classes]
    if not keys or len(set(keys)) != len(keys):
        raise ValueError("no class of report rate, or one twice")
    size = 2 * len(background.features)
    for rate in background.classes:
        if rate.people < LEAST_PEOPLE:
            raise ValueError(f"a background of {rate.people} person: at least {LEAST_PEOPLE} must differ")
        for moments in (rate.own, rate.others):
            if moments.shape != (size, size) or not (np.diag(moments) >= 0.0).all():
                raise ValueError(f"class {rate.period_ms} ms: moments of shape {moments.shape}, or negative")
    if not all(isinstance(d, str) and len(d) == 64 for d in background.digests):
        raise ValueError("a digest of a recording is not one")
