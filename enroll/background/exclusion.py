"""Exclusion: nobody is tested against a background that was made from their own recordings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from agent.engine.errors import SteadyhandError
from agent.files.background import Background
from agent.files.private import mendable
from enroll.background.shipped import shipped_background


def digest_of(path: Path) -> str:
    """SHA-256 of a recording.

    Raises
    ------
    SteadyhandError
        If it cannot be read.
    """
    with mendable(path, "read"):
        return hashlib.sha256(path.read_bytes()).hexdigest()


def checked(background: Background, tested: Iterable[Path]) -> Background:
    """The background, if none of the tested recordings is in it.

    Raises
    ------
    SteadyhandError
        If one is: the owner and every intruder have to be left out.
    """
    named = next((path for path in tested if digest_of(path) in background.digests), None)
    if named is not None:
        raise SteadyhandError(
            f"{named} is in the background, and would be tested against it",
            "use a background of other people, or `--background none`",
        )
    return background


def shipped_unless_tested(tested: Iterable[Path]) -> Background | None:
    """The shipped background; None where one of the tested recordings is in it."""
    background = shipped_background()
    held = set(background.digests)
    return None if any(digest_of(path) in held for path in tested) else background
