"""Backup and restoration of an office: one private file, and versions that go on from what agents have seen."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tarfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.private import SAFE_FLAGS, mendable, sync_dir, write_private
from agent.files.undo import undo_on_failure
from agent.files.versions import version_text
from enroll.office.journal import Journal
from enroll.office.keyring import read_keyring, write_keyring
from enroll.office.layout import MARKER, OfficeLayout, open_office
from enroll.office.policies import mark_for_signing
from enroll.office.published import read_published

_LEFT_OUT: Final = frozenset(("office.lock", "office.stale", "catalogue.json"))


def write_backup(layout: OfficeLayout, file: Path) -> int:
    """Keep the office as one 0600 file, all or nothing; returns how many files are in it.

    The published folder is not in it: it is made from the rest, and where it survives, versions go on from it.

    Raises
    ------
    SteadyhandError
        If the file is there already, lies in the office, or cannot be written.
    """
    if os.path.lexists(file):
        raise SteadyhandError(f"{file} is there already", "name a new file: a backup is never overwritten")
    if layout.root in (file.resolve(), *file.resolve().parents):
        raise SteadyhandError(f"{file} lies in the office itself", "name a file elsewhere, on another disk")
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    count = 0
    with mendable(file, "write the backup"):
        with undo_on_failure(lambda: fresh.unlink(missing_ok=True)):
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | SAFE_FLAGS, 0o600)
            with os.fdopen(descriptor, "wb") as raw:
                with tarfile.open(fileobj=raw, mode="w") as archive:
                    for path in _members(layout):
                        archive.add(path, path.relative_to(layout.root).as_posix(), recursive=False)
                        count += path.is_file()
                raw.flush()
                os.fsync(raw.fileno())
            os.replace(fresh, file)
        sync_dir(file.parent)
    return count


def restore(file: Path, folder: Path, published: Path | None, reason: str) -> tuple[OfficeLayout, str]:
    """Bring an office back into a new folder; returns it, and how its versions go on.

    Raises
    ------
    SteadyhandError
        If the file is no backup, the folder holds something, or what stands published cannot be read.
    """
    if folder.exists() and any(folder.iterdir()):
        raise SteadyhandError(f"{folder} is not empty", "name a new or empty folder")
    scratch = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    with undo_on_failure(lambda: shutil.rmtree(scratch, ignore_errors=True)):
        _extract(file, scratch)
        layout = open_office(scratch)
        if published is not None:
            settings = replace(layout.settings, published_dir=str(published.resolve()))
            write_private(scratch / MARKER, json.dumps(asdict(settings), indent=2).encode() + b"\n")
            layout = open_office(scratch)
        line = _continue_versions(layout)
        Journal(layout.journal_file).append("office restore", reason=reason, detail=line)
        with mendable(folder, "write"):
            os.replace(scratch, folder)
    return open_office(folder), line


def _extract(file: Path, folder: Path) -> None:
    try:
        with mendable(file, "read the backup"), tarfile.open(file) as archive:
            if MARKER not in archive.getnames():
                raise SteadyhandError(f"{file} is no backup of an office", "give what office backup wrote")
            folder.mkdir(mode=0o700, parents=True)
            archive.extractall(folder, filter="data")
            for path in folder.rglob("*"):  # folders come out of an archive as the umask says
                path.chmod(0o700 if path.is_dir() else 0o600)
            folder.chmod(0o711)
    except tarfile.TarError as error:
        raise SteadyhandError(f"{file} is damaged ({error})", "take another backup") from error


def _continue_versions(layout: OfficeLayout) -> str:
    """After an old backup agents may have seen newer versions: go on from those published, else in a new epoch."""
    keyring = read_keyring(layout.keyring_file)
    state = read_published(layout.published_dir, keyring.once_trusted)
    if state.index is not None:
        epoch = state.sequence >> 32
        if epoch > keyring.epoch:
            write_keyring(layout.keyring_file, replace(keyring, epoch=epoch))
        return f"versions go on from what stands published: {version_text(state.sequence)}"
    write_keyring(layout.keyring_file, keyring.next_epoch())
    mark_for_signing(layout)
    return (
        f"nothing stands published in {layout.published_dir}: epoch {keyring.epoch + 1} begins, whose versions are "
        "newer than all that agents have seen"
    )


def _members(layout: OfficeLayout) -> list[Path]:
    published = layout.published_dir
    return [
        path
        for path in sorted(layout.root.rglob("*"))
        if path != published
        and published not in path.parents
        and path.name not in _LEFT_OUT
        and not path.is_symlink()
    ]
