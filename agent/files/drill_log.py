"""Drill log: what became of each drill on this computer, a JSON line each, in a private file."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.decode import Fields, decode_json
from agent.files.private import mendable, open_private, read_private

_MOST_BYTES: Final = 1 << 20
_MOST_LINE: Final = 1000
_MOST_UNIX_S: Final = 253_402_300_799
_MOST_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class DrillOutcome:
    """What became of one drill.

    Attributes
    ----------
    t_unix_s : int
        Wall clock at its end.
    seconds : float
        How long it lasted.
    judged_actions : int
        Actions of the colleague that were judged.
    found_s : float or None
        Seconds until the colleague was found; None if never.
    found_actions : int or None
        Judged actions until then.
    """

    t_unix_s: int
    seconds: float
    judged_actions: int
    found_s: float | None
    found_actions: int | None


def append_drill(path: Path, outcome: DrillOutcome) -> None:
    """Add one line, durably.

    Raises
    ------
    SteadyhandError
        If the file cannot be written.
    """
    line = json.dumps(asdict(outcome)).encode() + b"\n"
    with mendable(path, "write"):
        handle = open_private(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        with os.fdopen(handle, "wb") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())


def read_drills(path: Path) -> tuple[DrillOutcome, ...]:
    """All drills so far, oldest first; none where there is no file. A line that is torn by a crash is passed over.

    Raises
    ------
    SteadyhandError
        If the file cannot be read, or a whole line is damaged.
    """
    try:
        lines = read_private(path, _MOST_BYTES).split(b"\n")[:-1]
        return tuple(_decoded(line) for line in lines)
    except FileNotFoundError:
        return ()
    except ValueError as error:
        raise SteadyhandError(f"{path} is damaged ({error})", "move it away: drills begin anew") from error


def _decoded(line: bytes) -> DrillOutcome:
    keys = ("t_unix_s", "seconds", "judged_actions", "found_s", "found_actions")
    fields = Fields.of(decode_json(line, _MOST_LINE, 2), required=keys, optional=())
    found = fields.document["found_s"] is not None
    return DrillOutcome(
        fields.integer("t_unix_s", 0, _MOST_UNIX_S),
        fields.number("seconds", 0.0, _MOST_S),
        fields.integer("judged_actions"),
        fields.number("found_s", 0.0, _MOST_S) if found else None,
        fields.integer("found_actions") if found else None,
    )
