"""Damaged files of the state folder: set aside beside their place, so that the agent goes on and somebody can look.

The file that was set aside is the record of the damage: it is reported at each start until somebody deletes it.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Final

from agent.engine.sentence import sentence
from agent.files.private import sync_dir

DAMAGED: Final = ".damaged"

_log = logging.getLogger(__name__)


def set_aside(path: Path, why: object) -> str:
    """Move a damaged file beside its place; an earlier one that was set aside is replaced. Never raises.

    Returns
    -------
    str
        What became of it, for people.
    """
    aside = path.with_name(path.name + DAMAGED)
    try:
        os.replace(path, aside)
        sync_dir(path.parent)
        outcome = f"{path} was damaged ({why}); it is now {aside.name}, and a new one begins"
    except OSError as error:
        outcome = f"{path} is damaged ({why}) and cannot be moved away ({error.strerror or error})"
    _log.warning("%s", outcome)
    return outcome


def damaged_files(folder: Path) -> tuple[str, ...]:
    """A line for each file of `folder` that was set aside; none where it cannot be listed."""
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(DAMAGED))
    except OSError:
        return ()
    return tuple(
        sentence(
            "{file} was damaged and began anew; look into {copy}, then delete it",
            file=str(folder / name.removesuffix(DAMAGED)),
            copy=name,
        )
        for name in names
    )
