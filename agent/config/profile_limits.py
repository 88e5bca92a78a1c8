"""Limits of installed profiles beside policy's rates: a profile keeps those that it was made for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.config.schema import JudgementSettings
from agent.engine.errors import SteadyhandError
from agent.files.archive import read_bounded
from agent.files.paths import Paths
from agent.files.private import mendable
from agent.files.profile import PROFILE, open_profile
from agent.files.profiles import SUFFIX
from agent.files.trust import Trust

_SAME: float = 1e-9


@dataclass(frozen=True, slots=True)
class OwnLimits:
    """A profile whose own limits hold in the place of policy's, or that cannot be read.

    Attributes
    ----------
    profile, mouse : str
        Name of the file, and of the mouse.
    asked_per_40h : float or None
        False locks that its limits were set for; None where it cannot be read.
    problem : str
        Why it cannot be read.
    """

    profile: str
    mouse: str = ""
    asked_per_40h: float | None = None
    problem: str = ""

    def line(self, judgement: JudgementSettings) -> str:
        """For people."""
        if self.asked_per_40h is None:
            return f"{self.profile}: limits unknown: {self.problem}"
        return (
            f"{self.profile} ({self.mouse}): its own limits hold, set for {self.asked_per_40h:g} false locks in 40 h; "
            f"policy says {judgement.false_locks_per_40h:g}: train it again with this policy"
        )


def own_limits(judgement: JudgementSettings, paths: Paths, trust: Trust) -> Iterator[OwnLimits]:
    """The installed profiles that were made for another rate of false locks than `judgement` asks for.

    Raises
    ------
    SteadyhandError
        If the folder of profiles cannot be listed.
    """
    with mendable(paths.profiles_dir, "list"):
        files = sorted(paths.profiles_dir.glob("*" + SUFFIX)) if paths.profiles_dir.is_dir() else []
    for path in files:
        try:
            signed = open_profile(read_bounded(path, PROFILE), str(path), trust, now=datetime.now(UTC))
        except SteadyhandError as error:
            yield OwnLimits(path.name, problem=error.what)
            continue
        profile = signed.profile
        if abs(profile.limits.asked_per_40h - judgement.false_locks_per_40h) > _SAME:
            mouse = profile.mouse.name or profile.mouse.capture
            yield OwnLimits(path.name, mouse, profile.limits.asked_per_40h)
