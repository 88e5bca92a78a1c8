"""Background of an office: checked as agents check it, and put where they fetch it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.archive import read_bounded
from agent.files.background import BACKGROUND, Background, open_background
from agent.files.published_index import PublishedFile
from enroll.background.building import check_features
from enroll.office.opening import OpenOffice
from enroll.office.published import put_file

SUFFIX: Final = ".background"


def own_background(office: OpenOffice) -> Background | None:
    """The office's background of differences, to train with; None where it has none.

    Raises
    ------
    SteadyhandError
        As `publish_background`.
    """
    path = _path(office)
    return None if path is None else _checked(office, path)[1]


def publish_background(office: OpenOffice) -> PublishedFile | None:
    """Publish the office's background of differences; None where it has none.

    Raises
    ------
    SteadyhandError
        If there are several, or it is one that agents would refuse.
    """
    path = _path(office)
    if path is None:
        return None
    packed, background = _checked(office, path)
    sha256 = hashlib.sha256(packed).hexdigest()
    made = int(datetime.fromisoformat(background.created).timestamp())
    file = PublishedFile(f"backgrounds/{sha256}{SUFFIX}", sha256, made)
    put_file(office.layout.published_dir, file.name, packed)
    return file


def _path(office: OpenOffice) -> Path | None:
    paths = sorted(office.layout.background_dir.glob(f"*{SUFFIX}"))
    if len(paths) > 1:
        raise SteadyhandError(
            f"{office.layout.background_dir} has {len(paths)} backgrounds",
            "leave the one that agents are to use",
        )
    return paths[0] if paths else None


def _checked(office: OpenOffice, path: Path) -> tuple[bytes, Background]:
    packed = read_bounded(path, BACKGROUND)
    background = open_background(packed, str(path), office.keyring.trust)
    check_features(background)
    return packed, background
