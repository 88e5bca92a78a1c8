"""Profile: everything needed to judge one user under one mouse configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agent.engine.mouse import MouseConfiguration

# In a profile's summary: why it judges nobody any more. Such a version takes the place of every older one.
REVOKED: Final = "revoked"
# In a profile's summary: the mouse that it was carried over from. Such a profile watches and never locks by itself.
TRANSFERRED: Final = "transferred_from"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of the sequential test and how far they can be believed.

    Attributes
    ----------
    alert, lock : float
        Evidence against the user (natural log units) at which the agent alerts, and at which it locks;
        0 < alert <= lock.
    asked_per_40h : float
        The false locks per 40 active hours that the lock limit was set for.
    estimated : bool
        True while the genuine hours seen do not support the figure; policy decides whether an estimate
        may lock.
    """

    alert: float
    lock: float
    asked_per_40h: float
    estimated: bool


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """One user under one mouse configuration.

    Attributes
    ----------
    profile_id : str
        UUID of this version of the profile.
    user : str
        The account's name or pseudonym.
    mouse : MouseConfiguration
    features : tuple of str
        Names of the columns (of `_fastfeat.FEATURES`) that the detectors see, in their order.
    kinds : tuple of int
        The action kinds (values of `_fastfeat.ActionKind`) that are judged.
    detectors : tuple of str
        Names in `agent.engine.detectors`.
    arrays : mapping of str to ndarray
        Arrays of the detectors and of calibration, by ``part/name``.
    limits : Limits
    sequence : int
        Grows with every version of the profile of one user and mouse; a lower one is a rollback.
    created, expires : str
        ISO 8601 in UTC.
    summary : mapping
        What people are shown (actions, sessions, hours, expected errors): plain JSON values.
    """

    profile_id: str
    user: str
    mouse: MouseConfiguration
    features: tuple[str, ...]
    kinds: tuple[int, ...]
    detectors: tuple[str, ...]
    arrays: Mapping[str, NDArray[Any]]
    limits: Limits
    sequence: int
    created: str
    expires: str
    summary: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_transferred(self) -> bool:
        """True where it was carried over from another mouse, and not enrolled under this one."""
        return TRANSFERRED in self.summary

    def part(self, name: str) -> dict[str, np.ndarray[Any, Any]]:
        """The arrays whose names begin with ``name/``, without that prefix."""
        head = name + "/"
        return {key[len(head) :]: array for key, array in self.arrays.items() if key.startswith(head)}
