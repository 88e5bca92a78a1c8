"""Replay: judges a recording instead of the mouse, on a virtual clock. Locks nothing, sends nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause, EventBatch, StreamItem
from agent.engine.sentence import quantity
from agent.engine.verifier import Judgement
from agent.files.keys import load_trust
from agent.files.paths import Paths
from agent.files.recording import read_recording
from agent.files.recording_keys import RecordingKeys
from agent.files.stream import Session
from agent.runtime.pipeline.decision import Reaction, ReactionRules
from agent.runtime.pipeline.profile_selection import ProfileSelector
from agent.runtime.pipeline.protection import Protection

FLUSH_NS = 2_000_000_000


def replay(
    paths: Paths,
    file: Path,
    *,
    user: str,
    speed: float,
    as_json: bool,
    show: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Judge a recording by this user's profile; returns 1 if it would have locked, else 0.

    Parameters
    ----------
    paths : Paths
    file : Path
        A recording made on this computer.
    user : str
    speed : float
        Multiple of real time; 0 for at once.
    as_json : bool
        One JSON object a judgement instead of one line a reaction.
    show : callable
        Takes each line.
    sleep : callable
        Takes seconds; a test passes its own.

    Raises
    ------
    SteadyhandError
        If the recording cannot be read or there is no profile to judge it by.
    """
    recording = read_recording(file, RecordingKeys(paths).of(file))
    protection: Protection | None = None
    printer = _ReplayPrinter(as_json, show)
    last_ns: int | None = None
    for item in recording.items():
        if isinstance(item, Session):
            protection = protection or _protection(paths, user, item)
            last_ns = None
            continue
        if protection is None:
            raise SteadyhandError(f"{file} does not begin with a session", "record it again")
        last_ns = _pace(item, last_ns, speed, sleep)
        printer.take(protection, item)
    if protection is None:
        raise SteadyhandError(f"{file} is empty", "choose a recording with events in it")
    if last_ns is not None:
        printer.take(protection, Boundary(last_ns + FLUSH_NS, Cause.GAP))
    if recording.torn_bytes:
        show(f"a crash cut off the last {quantity(recording.torn_bytes, 'byte')}, not judged")
    return printer.end()


class _ReplayPrinter:
    """Prints judgements and counts reactions."""

    def __init__(self, as_json: bool, show: Callable[[str], None]) -> None:
        self._as_json = as_json
        self._show = show
        self._actions = self._locks = 0
        self._lowest = 100.0

    def take(self, protection: Protection, item: StreamItem) -> None:
        locked = False
        for judgement, reaction in protection.feed(item):
            self._actions += 1
            self._print(judgement, reaction)
            locked = locked or reaction is Reaction.LOCK
        if locked:
            self._locks += 1
            for cause in (Cause.LOCKED_BY_VERDICT, Cause.SCREEN_UNLOCKED):
                list(protection.feed(Boundary(_end_ns(item), cause)))

    def _print(self, judgement: Judgement, reaction: Reaction) -> None:
        self._lowest = min(judgement.trust, self._lowest)
        if self._as_json:
            line = {
                "t_s": judgement.t_ns / 1e9,
                "verdict": judgement.verdict.value,
                "trust": judgement.trust,
                "evidence_llr": judgement.evidence_llr,
                "reaction": reaction.value,
                "reasons": judgement.reasons,
            }
            self._show(json.dumps(line))
        elif reaction is not Reaction.NONE:
            why = "; ".join(judgement.reasons)
            self._show(
                f"{judgement.t_ns / 1e9:12.1f} s  {reaction.value}  trust {judgement.trust:.0f}  {why}"
            )

    def end(self) -> int:
        if not self._as_json:
            self._show(
                f"{quantity(self._actions, 'action')} judged, lowest "
                f"trust {self._lowest:.0f}, {quantity(self._locks, 'lock')}"
            )
        return 1 if self._locks else 0


def _protection(paths: Paths, user: str, session: Session) -> Protection:
    selector = ProfileSelector(paths, user, lambda: load_trust(paths, local=True), lambda: datetime.now(UTC))
    selected = selector.choose(session.mouse)
    if selected.profile is None:
        why = "; ".join(selected.problems) or "none was made yet"
        raise SteadyhandError(f"there is no profile of {user} ({why})", "enrol first")
    return Protection(selected.profile, ReactionRules(may_lock=True))


def _pace(item: StreamItem, last_ns: int | None, speed: float, sleep: Callable[[float], None]) -> int:
    end_ns = _end_ns(item)
    if speed > 0 and last_ns is not None and end_ns > last_ns:
        sleep((end_ns - last_ns) / 1e9 / speed)
    return end_ns


def _end_ns(item: StreamItem) -> int:
    return int(item.t_ns[-1]) if isinstance(item, EventBatch) else item.t_ns
