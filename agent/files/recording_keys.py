"""Recording keys: one for each recording, so that what is erased stays closed even where its bytes are found again."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity
from agent.files.keys import recording_key
from agent.files.locked_memory import keep_from_swap
from agent.files.paths import Paths
from agent.files.private import mendable, open_private, private_dir, read_private, sync_dir, write_private

_KEY_BYTES: Final = 32
_SUFFIX: Final = ".key"


class RecordingKeySource(Protocol):
    """Provides the key of each recording. In the agent: `RecordingKeys`."""

    def of(self, recording: Path) -> bytes:
        """The 32 bytes that open a recording."""

    def create(self, recording: Path) -> bytes:
        """The 32 bytes that a recording is written with, made when first asked for."""


@dataclass(frozen=True, slots=True)
class RecordingKeys:
    """Keys of one user's recordings, found by the recording's file name wherever it was copied to.

    Attributes
    ----------
    paths : Paths
    """

    paths: Paths

    def own(self, recording: Path) -> bytes | None:
        """The key of this recording alone; None where it has none.

        Raises
        ------
        SteadyhandError
            If the key's file is open to others, somebody else's, or of another length.
        """
        path = self._file_of(recording)
        try:
            key = read_private(path, _KEY_BYTES)
        except FileNotFoundError:
            return None
        if len(key) != _KEY_BYTES:
            raise SteadyhandError(
                f"{path} has {quantity(len(key), 'byte')}, not {_KEY_BYTES}",
                f"move it away and erase {recording}",
            )
        keep_from_swap(key)
        return key

    def of(self, recording: Path) -> bytes:
        """The key that opens a recording: its own, or for earlier ones the key that they share.

        Raises
        ------
        SteadyhandError
            If its file cannot be used.
        """
        return self.own(recording) or recording_key(self.paths)

    def create(self, recording: Path) -> bytes:
        """The key that a recording is written with, made when first asked for; kept in a 0600 file.

        Raises
        ------
        SteadyhandError
            If it cannot be written, or its file cannot be used.
        """
        key = self.own(recording)
        if key is None:
            key = secrets.token_bytes(_KEY_BYTES)
            keep_from_swap(key)
            private_dir(self._file_of(recording).parent)
            write_private(self._file_of(recording), key)
        return key

    def destroy(self, recording: Path) -> None:
        """Overwrite the key of a recording where it lies, bring that to disk, then delete its file; durably.

        Where it has no key of its own, nothing is done.

        Raises
        ------
        SteadyhandError
            If the disk fails, or the file is not this user's alone.
        """
        path = self._file_of(recording)
        with mendable(path, "overwrite"):
            # Never replaced by another file: that would leave the old blocks as they are.
            try:
                descriptor = open_private(path, os.O_WRONLY)
            except FileNotFoundError:
                return
            try:
                os.write(descriptor, secrets.token_bytes(max(_KEY_BYTES, os.fstat(descriptor).st_size)))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            path.unlink(missing_ok=True)
            sync_dir(path.parent)

    def _file_of(self, recording: Path) -> Path:
        return self.paths.keys_dir / "recordings" / (recording.name + _SUFFIX)
