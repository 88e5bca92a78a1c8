"""Refused uploads: recordings that the receiver will not take, set aside so that the others go on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from agent.files.damage import set_aside
from agent.files.decode import Fields, decode_json
from agent.files.paths import Paths
from agent.files.private import private_dir, read_private, write_private

RETRY_S: Final = 86_400.0
"""Somebody may raise the receiver's limit: once a day it is asked again."""
_MOST_BYTES: Final = 1 << 20
_MOST_UNIX_S: Final = 253_402_300_799.0
_MOST_REASON: Final = 1024


@dataclass(frozen=True, slots=True)
class RefusedUpload:
    """One recording that was refused for good.

    Attributes
    ----------
    size_bytes : int
        Of what was sent.
    reason : str
        The receiver's answer.
    unix_s : float
        Wall clock of the refusal.
    """

    size_bytes: int
    reason: str
    unix_s: float

    def rests(self, now_unix_s: float) -> bool:
        """True until it is tried again; a clock that was set back does not keep it for ever."""
        return 0.0 <= now_unix_s - self.unix_s < RETRY_S


def read_refused(paths: Paths) -> dict[str, RefusedUpload]:
    """What was refused, by the recording's name. A damaged list is set aside, and begins anew."""
    try:
        entries = decode_json(read_private(paths.refused_file, _MOST_BYTES), _MOST_BYTES)
        return {name: _refused(entry) for name, entry in Fields.of(entries).document.items()}
    except FileNotFoundError:
        return {}
    except ValueError as error:
        set_aside(paths.refused_file, error)
        return {}


def write_refused(paths: Paths, refused: Mapping[str, RefusedUpload]) -> None:
    """Keep the list.

    Raises
    ------
    SteadyhandError
        If it cannot be written.
    """
    if not refused and not paths.refused_file.exists():
        return
    private_dir(paths.refused_file.parent)
    write_private(
        paths.refused_file, json.dumps({name: asdict(entry) for name, entry in refused.items()}).encode()
    )


def refused_line(refused: Mapping[str, RefusedUpload]) -> str:
    """What is set aside, for people; empty where nothing is."""
    if not refused:
        return ""
    largest = max(refused.values(), key=lambda entry: entry.size_bytes)
    what = f"{len(refused)} recordings are" if len(refused) > 1 else "a recording is"
    return (
        f"{what} set aside, up to {largest.size_bytes / 1e6:.1f} MB: {largest.reason}; the others go on, and in a day "
        "it is tried again"
    )


def _refused(entry: Any) -> RefusedUpload:
    fields = Fields.of(entry)
    return RefusedUpload(
        fields.integer("size_bytes"),
        fields.text("reason", _MOST_REASON),
        fields.number("unix_s", 0.0, _MOST_UNIX_S),
    )
