"""Upload log: recordings handed over to the administrator, so that nothing is sent twice."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.paths import Paths
from agent.files.private import private_dir, read_private, write_private

_MOST_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class UploadedRecording:
    """One recording that the receiver has acknowledged.

    Attributes
    ----------
    name : str
        Of the recording's file.
    sha256 : str
        Of what was sent, in hexadecimal.
    mouse_key : str
    actions : int
    used_ns : int
        Mouse use, without the rests.
    size_bytes : int
        Of what was sent.
    unix_s : float
        Wall clock of the acknowledgement, for people.
    """

    name: str
    sha256: str
    mouse_key: str
    actions: int
    used_ns: int
    size_bytes: int
    unix_s: float


def read_handed(paths: Paths) -> tuple[UploadedRecording, ...]:
    """Everything that was handed over, oldest first.

    Raises
    ------
    SteadyhandError
        If the list is damaged or may not be read.
    """
    if not paths.handed_file.exists():
        return ()
    try:
        entries = json.loads(read_private(paths.handed_file, _MOST_BYTES))
        return tuple(
            UploadedRecording(**{f.name: entry[f.name] for f in fields(UploadedRecording)})
            for entry in entries
        )
    except (ValueError, TypeError, KeyError) as error:
        raise SteadyhandError(
            f"{paths.handed_file} is damaged ({error})", "delete it: recording begins again"
        ) from error


def write_handed(paths: Paths, handed: Iterable[UploadedRecording]) -> None:
    """Replace the list, durably.

    Raises
    ------
    SteadyhandError
        If it cannot be written.
    """
    private_dir(paths.state_dir)
    write_private(paths.handed_file, json.dumps([asdict(recording) for recording in handed]).encode())
