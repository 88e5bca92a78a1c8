"""Status file: the snapshot on disk, for `steadyhand status`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import sentence
from agent.files.decode import Fields, decode_json
from agent.files.private import read_private, write_private
from agent.runtime.lifecycle.single_instance import is_held
from agent.runtime.status.snapshot import Status

_MOST_BYTES = 1_000_000


def write_status(path: Path, status: Status) -> None:
    """Replace the status file; the reader never sees half of one."""
    write_private(path, json.dumps(status.to_json()).encode(), mode=0o400)


def read_status(path: Path, lock_file: Path) -> dict[str, Any]:
    """What the running agent wrote last.

    Returns
    -------
    dict
        The keys of `Status`, and ``running``: whether an agent lives that keeps it up to date.

    Raises
    ------
    SteadyhandError
        If there is no status, or it cannot be read.
    """
    try:
        content = Fields.of(decode_json(read_private(path, _MOST_BYTES), _MOST_BYTES)).document
    except FileNotFoundError as error:
        if is_held(lock_file):
            raise SteadyhandError(
                f"an agent runs, but it cannot write {path}", "make room on the disk, or mend its permissions"
            ) from error
        raise SteadyhandError("no agent has run for this user yet", "start it with: steadyhand") from error
    except ValueError as error:
        raise SteadyhandError(
            f"{path} is damaged ({error})", "restart the agent: it writes a new one"
        ) from error
    return {**content, "running": is_held(lock_file)}


def damage_line(path: Path, damage: Mapping[str, str]) -> tuple[str, ...]:
    """One line about the fields of the status that cannot be read; none where all can.

    Parameters
    ----------
    path : Path
        The status file.
    damage : mapping of str to str
        As `Status.legible` returns it.
    """
    if not damage:
        return ()
    return (
        sentence(
            "{file} is damaged ({why}): restart the agent, it writes a new one",
            file=str(path),
            why="; ".join(damage.values()),
        ),
    )
