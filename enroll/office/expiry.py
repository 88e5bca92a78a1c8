"""Expiry of recordings: those that are older than the office keeps them are deleted; profiles stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from agent.files.recordings import RecordingInfo, erase_recordings, list_recordings
from enroll.office.layout import OfficeLayout
from enroll.office.training import figures_of, fingerprint, write_figures


@dataclass(frozen=True, slots=True)
class Expired:
    """Recordings of one person under one mouse whose day has come.

    Attributes
    ----------
    person, mouse : str
    folder : Path
    recordings : tuple of RecordingInfo
    """

    person: str
    mouse: str
    folder: Path
    recordings: tuple[RecordingInfo, ...]


def expired_recordings(layout: OfficeLayout, days: int, now: datetime) -> Iterator[Expired]:
    """What is older than `days`, by the day on which it came to the office."""
    end_s = (now - timedelta(days=days)).timestamp()
    for folder in sorted(layout.recordings_dir.glob("*/*")):
        old = tuple(r for r in list_recordings(folder) if r.changed_unix_s < end_s)
        if old:
            yield Expired(folder.parent.name, folder.name, folder, old)


def erase_expired(layout: OfficeLayout, expired: Expired) -> int:
    """Delete them; a profile that rested on them stays, and is not due because they are gone.

    Raises
    ------
    SteadyhandError
        If one cannot be deleted.
    """
    figures = figures_of(layout, expired.person, expired.mouse)
    was_current = figures.get("trained_from") == fingerprint(expired.folder)
    count = erase_recordings(expired.recordings)
    if was_current:
        left = fingerprint(expired.folder)
        write_figures(layout, expired.person, expired.mouse, figures | {"trained_from": left})
    return count
