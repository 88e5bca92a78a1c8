"""Published folder as the office sees it: what stands there now, and how files get in and out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from agent.files.index_trust import checked_index
from agent.files.private import mendable, write_public
from agent.files.published_index import INDEX_NAME, IndexEntry, PublishedIndex, open_shard, shard_name
from agent.files.trust import Trust

FOLDERS = ("index", "profiles", "policies", "backgrounds", "excuses")


@dataclass(frozen=True, slots=True)
class PublishedState:
    """What agents find now.

    Attributes
    ----------
    index : PublishedIndex or None
        None where nothing was published yet.
    entries : dict of str to IndexEntry
        By account id.
    """

    index: PublishedIndex | None = None
    entries: dict[str, IndexEntry] = field(default_factory=dict)

    @property
    def sequence(self) -> int:
        """That of the index; 0 where there is none."""
        return self.index.sequence if self.index else 0

    def files(self) -> set[str]:
        """Every file that the index names, relative to the folder."""
        named = {shard_name(sha256) for sha256 in (self.index.shards.values() if self.index else ())}
        for entry in self.entries.values():
            named |= {file.name for file in entry.profiles.values()}
            named |= {file.name for file in (entry.policy, entry.background) if file}
        return named


def read_published(folder: Path, trust: Trust) -> PublishedState:
    """What stands in the published folder; nothing where there is no index.

    Raises
    ------
    SteadyhandError
        If there is an index that cannot be read: unreadable is not "not there".
    """
    path = folder / INDEX_NAME
    if not os.path.lexists(path):
        return PublishedState()
    with mendable(path, "read"):
        index, _ = checked_index(path.read_bytes(), str(path), trust)
    entries: dict[str, IndexEntry] = {}
    for sha256 in index.shards.values():
        file = folder / shard_name(sha256)
        with mendable(file, "read"):
            entries |= open_shard(file.read_bytes(), sha256, str(file))
    return PublishedState(index, entries)


def open_folders(folder: Path) -> None:
    """Make the published folder and those in it, readable by everybody whatever the umask.

    Raises
    ------
    SteadyhandError
        If they cannot be made.
    """
    for path in (folder, *(folder / name for name in FOLDERS)):
        with mendable(path, "make the folder"):
            if not path.is_dir():
                path.mkdir(parents=True)
            path.chmod(0o755)


def put_file(folder: Path, name: str, content: bytes) -> None:
    """Write a public file, if it does not stand there already with this content.

    Raises
    ------
    SteadyhandError
        If it cannot be written.
    """
    path = folder / name
    with mendable(path, "read"):
        if path.exists() and path.stat().st_size == len(content) and _same(path, content):
            return
    write_public(path, content)


def remove_others(folder: Path, keep: Collection[str]) -> int:
    """Delete published files that no index names any more; returns how many.

    Raises
    ------
    SteadyhandError
        If one cannot be deleted.
    """
    removed = 0
    for name in ("index", "profiles", "policies", "backgrounds"):
        with mendable(folder / name, "delete old files in"), os.scandir(folder / name) as files:
            for file in files:
                if f"{name}/{file.name}" not in keep:
                    os.unlink(file.path)
                    removed += 1
    return removed


def _same(path: Path, content: bytes) -> bool:
    return hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(content).digest()
