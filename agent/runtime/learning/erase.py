"""Erasure of recordings, after the owner proved who they are: it takes away what the agent would learn from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.ledger import OWNER, RecordingLedger
from agent.files.paths import Paths
from agent.files.recording_keys import RecordingKeys
from agent.files.recordings import RecordingInfo, erase_recordings
from agent.host.api import Reauthentication

_WHY: Final = "erase what was recorded of your mouse"


def erase_as_owner(
    paths: Paths, recordings: Iterable[RecordingInfo], reauthentication: Reauthentication
) -> int:
    """Erase recordings after asking for the owner's password; returns how many. The agent reports it.

    Raises
    ------
    SteadyhandError
        If nobody can be asked here, the identity was not proven, or a recording cannot be erased.
    """
    if not reauthentication.available():
        raise SteadyhandError(
            "this computer cannot check who you are, so nothing was erased",
            "have the administrator erase them, or install what asks for passwords (steadyhand doctor)",
        )
    if not reauthentication.confirm(_WHY):
        raise SteadyhandError("nothing was erased: you did not prove who you are", "try again")
    listed = tuple(recordings)
    RecordingLedger(paths).allow([recording.path.name for recording in listed], OWNER)
    keys = RecordingKeys(paths)
    for recording in listed:
        keys.destroy(recording.path)
    return erase_recordings(listed)
