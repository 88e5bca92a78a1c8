"""Alert history: reads the JSON-lines file for the person whom the alerts are about."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.files.decode import Fields, decode_json
from agent.files.private import mendable, open_private

_TAIL_BYTES: Final = 2_000_000
_MOST_TIME_MS: Final = 253_402_300_799_999
_MOST_REASONS: Final = 1024


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
    by_uid = {n.uid: n for line in _tail(path) if (n := _record(line))}
    recent = [n.noticed for n in by_uid.values() if n.noticed.t_unix_s >= since_unix_s]
    return tuple(sorted(recent, key=lambda noticed: noticed.t_unix_s))


def damaged_alert_lines(path: Path) -> int:
    """How many lines of what `read_noticed` reads are no event at all, or an alert that it cannot read.

    Raises
    ------
    SteadyhandError
        If the file is there and cannot be read.
    """
    return sum(1 for line in _tail(path) if line and _is_damaged(line))


def _tail(path: Path) -> list[str]:
    """The file's last whole lines, 2 MB of them at most; none where there is no file."""
    if not os.path.lexists(path):
        return []
    with mendable(path, "read"), os.fdopen(open_private(path, os.O_RDONLY), "rb") as file:
        begin = max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES)
        file.seek(begin)
        lines = file.read(_TAIL_BYTES).decode(errors="replace").split("\n")
    return lines[1:] if begin and len(lines) > 1 else lines


def _is_damaged(line: str) -> bool:
    try:
        event = Fields.of(decode_json(line, _TAIL_BYTES))
        return "is_alert" in event.document and event.boolean("is_alert") and _record(line) is None
    except ValueError:
        return True


@dataclass(frozen=True, slots=True)
class _Record:
    """One line: sent at least once, so the same record may stand there twice."""

    uid: str
    noticed: Noticed


def _record(line: str) -> _Record | None:
    try:
        event = Fields.of(decode_json(line, _TAIL_BYTES))
        if not event.boolean("is_alert"):
            return None
        finding, metadata = event.nested("finding_info"), event.nested("metadata")
        noticed = Noticed(
            t_unix_s=event.integer("time", most=_MOST_TIME_MS) / 1000.0,
            kind=metadata.text("event_code"),
            title=finding.text("title"),
            message=event.text("message"),
            reasons=_reasons(event),
            finding=finding.text("uid"),
        )
        return _Record(metadata.text("uid"), noticed)
    except ValueError:
        # A line that a crash cut off, or that somebody else wrote.
        return None


def _reasons(event: Fields) -> tuple[str, ...]:
    """Those of all evidences; an event may have none."""
    evidences = event.listed("evidences", _MOST_REASONS) if "evidences" in event.document else []
    return tuple(
        reason
        for evidence in evidences
        for reason in Fields.of(evidence).nested("data").texts("reasons", _MOST_REASONS)
    )
