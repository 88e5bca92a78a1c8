"""Upload log: recordings handed over to the administrator, so that nothing is sent twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final

from agent.files.damage import set_aside
from agent.files.decode import Fields, decode_json
from agent.files.paths import Paths
from agent.files.private import private_dir, read_private, write_private

_MOST_BYTES: Final = 1 << 20
_MOST_NAME: Final = 255
_MOST_UNIX_S: Final = 253_402_300_799.0
_SHA256: Final = re.compile("[0-9a-f]{64}")


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
    """Everything that was handed over, oldest first. A damaged list is set aside, and begins anew.

    Raises
    ------
    SteadyhandError
        If the list may not be read.
    """
    try:
        entries = decode_json(read_private(paths.handed_file, _MOST_BYTES), _MOST_BYTES)
        if not isinstance(entries, list):
            raise ValueError("it is not a list")
        return tuple(map(_uploaded, entries))
    except FileNotFoundError:
        return ()
    except ValueError as error:
        set_aside(paths.handed_file, error)
        return ()


def _uploaded(entry: Any) -> UploadedRecording:
    fields = Fields.of(entry)
    return UploadedRecording(
        fields.text("name", _MOST_NAME),
        fields.text("sha256", pattern=_SHA256),
        fields.text("mouse_key", _MOST_NAME),
        fields.integer("actions"),
        fields.integer("used_ns"),
        fields.integer("size_bytes"),
        fields.number("unix_s", 0.0, _MOST_UNIX_S),
    )


def write_handed(paths: Paths, handed: Iterable[UploadedRecording]) -> None:
    """Replace the list, durably.

    Raises
    ------
    SteadyhandError
        If it cannot be written.
    """
    private_dir(paths.state_dir)
    write_private(paths.handed_file, json.dumps([asdict(recording) for recording in handed]).encode())
