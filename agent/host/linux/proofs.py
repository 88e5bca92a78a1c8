"""Proofs of identity by PAM: what `steadyhand-proof`, run as root by the display manager's PAM stack, has written down.

A locker that authenticates as the user runs no helper as root, so that it proves nothing; nor does a program that ends
a locker, or logind's `unlock-session`. The file lies in a folder of root's below /run, which is empty after a start of
the computer, and its time is on the monotonic clock.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.administrators import read_administrators
from agent.files.decode import Fields, decode_json
from agent.host.api import SystemAuthentication

FOLDER: Final = Path("/run/steadyhand/proofs")
_MOST_BYTES: Final = 1000


class RecordedProofs:
    """See `IdentityProofs`.

    Parameters
    ----------
    folder : Path
    uid : int
        Whose proofs count.
    required_uid : int
        Who must have written them; anything but root is for tests.
    """

    def __init__(self, folder: Path = FOLDER, uid: int | None = None, required_uid: int = 0) -> None:
        self._folder = folder
        self._path = folder / str(os.getuid() if uid is None else uid)
        self._required_uid = required_uid

    def latest(self) -> SystemAuthentication | None:
        """See `IdentityProofs.latest`."""
        if not os.path.lexists(self._path):
            return None
        raw = read_administrators(self._path, self._folder.parent, self._required_uid, _MOST_BYTES)
        try:
            fields = Fields.of(decode_json(raw, _MOST_BYTES), required=("form", "monotonic_ns", "service"))
            fields.integer("form", 1, 1)
            return SystemAuthentication(fields.integer("monotonic_ns"), fields.identifier("service"))
        except ValueError as error:
            raise SteadyhandError(f"{self._path} is damaged: {error}", "install the package again") from error
