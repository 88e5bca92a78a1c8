"""Ledger of recordings: shows which were erased, also while no agent ran, and by whose leave.

A program of the same user can write both files, like everything else that is the user's.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.damage import set_aside
from agent.files.decode import Fields, decode_json
from agent.files.paths import Paths
from agent.files.private import mendable, private_dir, read_private, sync_dir, write_private
from agent.files.recording_keys import RecordingKeys
from agent.files.recordings import SUFFIX

LEARNT: Final = "learnt from"
HANDED: Final = "handed over"
OWNER: Final = "the owner"

_MOST_BYTES: Final = 1 << 20
_MOST_NAME: Final = 255


@dataclass(frozen=True, slots=True)
class Gone:
    """Recordings that are no longer there.

    Attributes
    ----------
    by_owner : int
        Erased after the owner proved who they are.
    by_nobody : int
        Nobody said that they would go.
    """

    by_owner: int = 0
    by_nobody: int = 0


class RecordingLedger:
    """Ledger of the recordings' names, kept from look to look and from run to run. One thread at a time."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._folder = paths.recordings_dir
        self._known_file = paths.recordings_known_file
        self._allowed_file = paths.recordings_erased_file

    def allow(self, names: Iterable[str], whose: str) -> None:
        """Say that these recordings are about to go: `LEARNT`, `HANDED` to the administrator, or by `OWNER`.

        Raises
        ------
        SteadyhandError
            If that cannot be written.
        """
        private_dir(self._allowed_file.parent)
        erasures = _read(self._allowed_file) | dict.fromkeys(names, whose)
        write_private(self._allowed_file, json.dumps(erasures).encode())

    def erase(self, recordings: Iterable[Path]) -> None:
        """Erase recordings whose going was allowed: their keys first, so that no moment leaves one that can be opened.

        Raises
        ------
        SteadyhandError
            If the disk fails. What was begun is finished by `finish_erasures`.
        """
        keys = RecordingKeys(self._paths)
        for recording in recordings:
            keys.destroy(recording)
            with mendable(recording, "erase"):
                recording.unlink(missing_ok=True)
                sync_dir(recording.parent)

    def finish_erasures(self) -> None:
        """Erase what was allowed to go and is still there, because a crash came between.

        Raises
        ------
        SteadyhandError
            If the disk fails.
        """
        allowed = _read(self._allowed_file)
        self.erase(path for path in self._folder.glob("*" + SUFFIX) if path.name in allowed)

    def gone(self) -> Gone:
        """What has gone since the last look. A name is told once; a disk that takes nothing is no error here."""
        known = _read(self._known_file)
        now = {path.name for path in self._folder.glob("*" + SUFFIX)} if self._folder.is_dir() else set()
        missing = [name for name in known if name not in now]
        allowed = _read(self._allowed_file)
        whose = [allowed.get(name) for name in missing]
        if set(known) != now:
            self._keep(now, {name: why for name, why in allowed.items() if name in now})
        return Gone(whose.count(OWNER), sum(why not in (OWNER, LEARNT, HANDED) for why in whose))

    def _keep(self, now: Iterable[str], allowed: dict[str, str]) -> None:
        try:
            write_private(self._known_file, json.dumps(dict.fromkeys(sorted(now), "")).encode())
            if os.path.lexists(self._allowed_file):
                write_private(self._allowed_file, json.dumps(allowed).encode())
        except SteadyhandError:
            # Told again at the next look: twice is better than never.
            return


def _read(path: Path) -> dict[str, str]:
    """Names and texts; nothing where there is no such file. A damaged one is set aside, which is reported."""
    try:
        fields = Fields.of(decode_json(read_private(path, _MOST_BYTES), _MOST_BYTES))
        return {name: fields.text(name, _MOST_NAME) for name in fields.document}
    except FileNotFoundError:
        return {}
    except (SteadyhandError, ValueError) as error:
        set_aside(path, error)
        return {}


def unfinished_erasures(paths: Paths) -> tuple[str, ...]:
    """Finish what was being erased when the last run ended; what keeps it from that, a line each."""
    try:
        RecordingLedger(paths).finish_erasures()
    except SteadyhandError as error:
        return (str(error),)
    return ()
