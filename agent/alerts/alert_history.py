"""Alert history: reads the JSON-lines file for the person whom the alerts are about."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agent.files.private import mendable, open_private

_TAIL_BYTES: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Noticed:
    """One alert as the security team gets it, without its figures.

    Attributes
    ----------
    t_unix_s : float
    kind, title, message : str
    reasons : tuple of str
        In words, the largest first.
    finding : str
        Records of one finding share it.
    """

    t_unix_s: float
    kind: str
    title: str
    message: str
    reasons: tuple[str, ...]
    finding: str


def read_noticed(path: Path, since_unix_s: float) -> tuple[Noticed, ...]:
    """Alerts above informational since then, oldest first; at most the last 2 MB of the file are read.

    Raises
    ------
    SteadyhandError
        If the file is there and cannot be read.
    """
    if not os.path.lexists(path):
        return ()
    with mendable(path, "read"), os.fdopen(open_private(path, os.O_RDONLY), "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL_BYTES))
        lines = file.read(_TAIL_BYTES).decode(errors="replace").splitlines()
    by_uid = {n.uid: n for line in lines if (n := _record(line))}
    recent = [n.noticed for n in by_uid.values() if n.noticed.t_unix_s >= since_unix_s]
    return tuple(sorted(recent, key=lambda noticed: noticed.t_unix_s))


@dataclass(frozen=True, slots=True)
class _Record:
    """One line: sent at least once, so the same record may stand there twice."""

    uid: str
    noticed: Noticed


def _record(line: str) -> _Record | None:
    try:
        event: dict[str, Any] = json.loads(line)
        if not event["is_alert"]:
            return None
        finding = event["finding_info"]
        reasons = [r for e in event.get("evidences", []) for r in e.get("data", {}).get("reasons", [])]
        noticed = Noticed(
            t_unix_s=float(event["time"]) / 1000.0,
            kind=str(event["metadata"]["event_code"]),
            title=str(finding["title"]),
            message=str(event["message"]),
            reasons=tuple(map(str, reasons)),
            finding=str(finding["uid"]),
        )
        return _Record(str(event["metadata"]["uid"]), noticed)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # A line that a crash cut off, or that somebody else wrote.
        return None
