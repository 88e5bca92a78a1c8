"""Enrolled anew: the moment from which a person is learnt anew, at their own wish; profiles from before do not judge.

The file says when and never why.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.paths import Paths
from agent.files.private import read_private, write_private

_MOST_BYTES: Final = 100


def enrolled_anew_file(paths: Paths) -> Path:
    """Where the moment stands."""
    return paths.state_dir / "enrolled-anew"


def enrolled_anew_since(paths: Paths) -> datetime | None:
    """The moment, UTC; None where nobody asked for it.

    Raises
    ------
    SteadyhandError
        If the file cannot be read, or holds no moment.
    """
    try:
        text = read_private(enrolled_anew_file(paths), _MOST_BYTES).decode()
        moment = datetime.fromisoformat(text.strip())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise SteadyhandError(
            f"{enrolled_anew_file(paths)} holds no moment ({error})",
            "delete it, then ask to be enrolled anew",
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def enrol_anew(paths: Paths, now: datetime) -> None:
    """Set aside every profile from before `now`.

    Raises
    ------
    SteadyhandError
        If the file cannot be written.
    """
    write_private(enrolled_anew_file(paths), now.astimezone(UTC).isoformat().encode() + b"\n")
