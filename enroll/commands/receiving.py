"""Receiver: opens recordings that agents handed over and keeps them as the administrator's own."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from agent.engine.errors import SteadyhandError
from agent.engine.visible_text import visible_lines
from agent.files.keys import recording_key
from agent.files.paths import Paths
from agent.files.private import mendable
from agent.files.recordings import SUFFIX
from agent.files.sealing import SEALED, Origin
from agent.files.stream import Session
from enroll.computers import AdmissionDesk, computers_file
from enroll.office.passphrase import opening_key_at
from enroll.progress import progress
from enroll.sources.keeping import keep_recording, plain_name
from enroll.sources.recorded import opened


def receive_report(options: argparse.Namespace, paths: Paths) -> tuple[str, bool]:
    """Open everything in a folder; what is told of it, and whether all could be opened.

    Raises
    ------
    SteadyhandError
        If there is nothing, or a key cannot be used.
    """
    opening, key = (
        opening_key_at(options.key, options.passphrase_file),
        None if options.dry_run else recording_key(paths),
    )
    desk = AdmissionDesk(computers_file(paths), takes_unsigned=options.unsigned)
    troubles: list[str] = []
    received = 0
    for file in progress(sealed_files(options.folder), "recording", quiet=options.quiet):
        try:
            received += receive(file, opening, options.out, key, desk.admits) is not None
        except SteadyhandError as error:
            troubles.append(str(error))
    if not options.dry_run:
        desk.save()
    troubles += desk.lines()
    where = f"new recordings {'would be' if options.dry_run else 'are'} in {options.out}"
    return visible_lines([*troubles, f"{received} {where}, by mouse configuration and person"]), not troubles


def sealed_files(folder: Path) -> tuple[Path, ...]:
    """The sealed recordings in `folder` and below, by name.

    Raises
    ------
    SteadyhandError
        If there is none.
    """
    with mendable(folder, "list"):
        files = tuple(sorted(folder.rglob("*" + SEALED)))
    if not files:
        raise SteadyhandError(
            f"{folder} holds no sealed recordings", "name the folder that agents hand over to"
        )
    return files


def receive(
    file: Path, opening: X25519PrivateKey, out: Path, key: bytes | None, admits: Callable[[Origin], bool]
) -> Path | None:
    """Open one sealed recording and keep it, encrypted with the administrator's recording key; None writes nothing.

    Returns
    -------
    Path or None
        ``out/MOUSE/USER/NAME.recording``, a folder a mouse configuration as a cohort wants it; None where it is there
        already, or its computer is not admitted.

    Raises
    ------
    SteadyhandError
        If it was sealed for another key, was changed, or cannot be kept.
    """
    origin, items = opened(file, opening)
    if not admits(origin):
        return None
    mice = [item.mouse.key for item in items if isinstance(item, Session)]
    if not mice:
        raise SteadyhandError(f"{file} names no mouse", "delete it")
    path = out / mice[0] / plain_name(origin.user) / f"{plain_name(Path(origin.name).stem)}{SUFFIX}"
    if path.exists():
        return None
    if key is None:
        return path
    keep_recording(path, key, items)
    return path
