"""State of a stream over restarts of the relay: the status its receiver knows, and who was reported as unmapped."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from agent.alerts.transports.ssf import DISABLED, ENABLED, PAUSED
from agent.engine.errors import SteadyhandError
from agent.files.damage import set_aside
from agent.files.decode import Fields, decode_json
from agent.files.private import read_private, write_private

MOST_REPORTED: Final = 4096
_MOST_BYTES: Final = 1 << 21
_MOST_NAME: Final = 256

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StreamState:
    """What must not be forgotten.

    Attributes
    ----------
    status : str
        What the receiver was told last, or is to be told.
    since_unix_ns : int
        When it changed; 0 for never.
    announced : bool
        False while the receiver has not acknowledged the change.
    reported : tuple of str
        Accounts without a subject identifier that an alert was raised for, oldest first.
    """

    status: str = ENABLED
    since_unix_ns: int = 0
    announced: bool = True
    reported: tuple[str, ...] = ()

    def changed(self, status: str, now_unix_ns: int) -> StreamState:
        """The same with another status, which is still to be announced."""
        if status == self.status:
            return self
        return replace(self, status=status, since_unix_ns=now_unix_ns, announced=False)

    def with_reported(self, account: str) -> StreamState:
        """The same with one more account that was reported."""
        return replace(self, reported=(*self.reported, account)[-MOST_REPORTED:])

    def without_reported(self, account: str) -> StreamState:
        """The same for an account that has a subject identifier by now."""
        return replace(self, reported=tuple(name for name in self.reported if name != account))


class StreamStateFile:
    """Keeps the state of one stream. For one thread.

    Parameters
    ----------
    path : Path or None
        In the relay's own folder; None to keep it in memory.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._state: StreamState | None = None

    def get(self) -> StreamState:
        """The state; a damaged file is set aside, and the state begins anew."""
        if self._state is None:
            self._state = self._read()
        return self._state

    def put(self, state: StreamState) -> None:
        """Keep another state. A disk that does not take it is logged: the state then holds until the next start."""
        if state == self.get():
            return
        self._state = state
        if self._path is None:
            return
        document = {
            "status": state.status,
            "since_unix_ns": state.since_unix_ns,
            "announced": state.announced,
            "reported": list(state.reported),
        }
        try:
            write_private(self._path, json.dumps(document).encode())
        except SteadyhandError as error:
            _log.error("%s", error)

    def _read(self) -> StreamState:
        if self._path is None:
            return StreamState()
        try:
            return _parsed(decode_json(read_private(self._path, _MOST_BYTES), _MOST_BYTES))
        except FileNotFoundError:
            return StreamState()
        except (SteadyhandError, ValueError) as error:
            _log.error("%s", set_aside(self._path, error))
            return StreamState()


def _parsed(document: object) -> StreamState:
    members = ("status", "since_unix_ns", "announced", "reported")
    fields = Fields.of(document, required=members, optional=())
    status = fields.text("status")
    if status not in (ENABLED, PAUSED, DISABLED):
        raise ValueError("status is none that there is")
    return StreamState(
        status,
        fields.integer("since_unix_ns"),
        fields.boolean("announced"),
        fields.texts("reported", MOST_REPORTED, _MOST_NAME),
    )
