"""Chained delivery: adds number and hash to each alert, across restarts, and detects that a run was killed."""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.alerts.alert import Alert, AlertKind
from agent.alerts.api import Delivery
from agent.alerts.hash_chain import Link, sealed
from agent.alerts.wire import alert_from_json, alert_to_json
from agent.engine.errors import SteadyhandError
from agent.files.damage import set_aside
from agent.files.decode import Fields, decode_json
from agent.files.private import read_private, write_private
from agent.files.version import ProgramVersion

_MOST_BYTES: Final = 1 << 16
_MOST_NUMBER: Final = 1 << 53
_MOST_SESSION: Final = 256
_MOST_VERSION: Final = 64
_UNKNOWN_VERSION: Final = ProgramVersion()
_ENDS: Final = frozenset((AlertKind.STOPPED, AlertKind.QUIT))
_HASH: Final = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Before:
    """What is known of the run before this one.

    Attributes
    ----------
    known : bool
        False on the first run, or where its mark was deleted or damaged.
    ended : bool
        True if it said that it ends; False after a kill, a crash or a power cut.
    last_unix_ns : int
        Wall clock of the last alert, a heartbeat among them.
    problem : str
        Why the mark was not believed.
    session : str
        The login session that it ran in; empty where that was not known.
    program : ProgramVersion
        What ran; empty where that was not noted.
    """

    known: bool = False
    ended: bool = True
    last_unix_ns: int = 0
    problem: str = ""
    session: str = ""
    program: ProgramVersion = _UNKNOWN_VERSION


@dataclass(frozen=True, slots=True)
class _Mark:
    """What the mark file holds: the chain's end, and the alert there until the next one follows."""

    link: Link
    alert: str
    ended: bool
    last_unix_ns: int
    session: str
    program: ProgramVersion


class ChainedDelivery:
    """Seals each alert and hands it on. Any thread; one alert after the other.

    The mark is brought to disk before the alert is handed on and holds it, so that a kill between the two
    costs nothing: the next run hands it on again, and receivers know it by its id.

    Parameters
    ----------
    delivery : Delivery
        Takes the sealed alerts.
    mark_file : Path
        In a private folder.
    wall : callable
        Unix ns.
    session : str, optional
        The login session that this run is in; empty where that is not known.
    program : ProgramVersion, optional
        What runs, noted for the next run.
    """

    def __init__(
        self,
        delivery: Delivery,
        mark_file: Path,
        wall: Callable[[], int],
        session: str = "",
        program: ProgramVersion = _UNKNOWN_VERSION,
    ) -> None:
        self._session = session
        self._program = program
        self._delivery = delivery
        self._mark_file = mark_file
        self._wall = wall
        self._lock = threading.Lock()
        self._link = Link(str(uuid.uuid4()))
        self._sealed: dict[str, Alert] = {}
        self._trouble = self._damage = ""
        self._unkept: str | None = None

    def resume(self) -> Before:
        """Take up the chain of the run before. Once, before the first alert.

        A mark that cannot be used is set aside, and said to be in `problems` for the rest of this run.
        """
        try:
            mark = _parse(read_private(self._mark_file, _MOST_BYTES))
        except FileNotFoundError:
            return Before()
        except (SteadyhandError, ValueError) as error:
            self._damage = f"the chain of alerts begins anew: {set_aside(self._mark_file, error)}"
            return Before(problem=self._damage)
        self._link = mark.link
        if mark.alert:
            try:
                self._delivery.submit(alert_from_json(mark.alert))
            except OSError as error:
                self._trouble = f"the last alert of the run before could not be kept: {error}"
        return Before(True, mark.ended, mark.last_unix_ns, session=mark.session, program=mark.program)

    def submit(self, alert: Alert) -> None:
        """See `Delivery.submit`.

        Raises
        ------
        ValueError
            If the alert could not be read back; then nothing of it was kept.
        """
        with self._lock:
            ready = self._sealed.get(alert.record_id)
            if ready is None:
                ready, link = sealed(alert, self._link)
                line = alert_to_json(ready)
                alert_from_json(line)
                self._link = link
                self._sealed[alert.record_id] = ready
                # Whoever has said that it ends may be cut off before it has ended: the display goes away first.
                self._write_mark(line, ended=alert.kind in _ENDS)
            self._delivery.submit(ready)
            del self._sealed[alert.record_id]

    def depth(self) -> int:
        """See `Delivery.depth`."""
        return self._delivery.depth()

    def problems(self) -> tuple[str, ...]:
        """See `Delivery.problems`."""
        return (*filter(None, (self._damage, self._trouble)), *self._delivery.problems())

    def settle(self) -> bool:
        """See `Delivery.settle`; writes the mark that could not be written."""
        with self._lock:
            if self._unkept is not None:
                self._write_mark(self._unkept, ended=False)
            handed_on = self._delivery.settle()
            if handed_on and self._unkept is None:
                self._trouble = ""
            return handed_on and not self._trouble

    def close(self, flush_s: float) -> None:
        """See `Delivery.close`; notes that this run ended as it should."""
        with self._lock:
            self._write_mark("", ended=True)
        self._delivery.close(flush_s)

    def _write_mark(self, alert: str, *, ended: bool) -> None:
        """Write the mark. A disk that does not take it must not keep the alert from going out."""
        mark = {
            "chain": self._link.chain,
            "number": self._link.number,
            "hash": self._link.hash,
            "alert": alert,
            "ended": ended,
            "last_unix_ns": self._wall(),
            "session": self._session,
            "version": self._program.number,
            "commit": self._program.commit,
        }
        try:
            write_private(self._mark_file, json.dumps(mark).encode())
            self._trouble, self._unkept = "", None
        except SteadyhandError as error:
            self._trouble, self._unkept = f"the chain of alerts cannot be kept: {error}", alert


def _parse(content: bytes) -> _Mark:
    fields = Fields.of(decode_json(content, _MOST_BYTES))
    chain = str(uuid.UUID(fields.identifier("chain")))
    link = Link(chain, fields.integer("number", most=_MOST_NUMBER), fields.text("hash", pattern=_HASH))
    line = fields.text("alert")
    if line:
        alert_from_json(line)
    # Earlier versions did not note these.
    session = fields.text("session", _MOST_SESSION) if "session" in fields.document else ""
    number, commit = (
        fields.text(key, _MOST_VERSION) if key in fields.document else "" for key in ("version", "commit")
    )
    return _Mark(
        link,
        line,
        fields.boolean("ended"),
        fields.integer("last_unix_ns"),
        session,
        ProgramVersion(number, commit),
    )
