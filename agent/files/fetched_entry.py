"""What the published index that was fetched last says of an account on this computer."""

from __future__ import annotations

import json
from dataclasses import dataclass

from agent.engine.errors import SteadyhandError
from agent.files.accounts import candidates
from agent.files.canonical import canonical
from agent.files.paths import Paths
from agent.files.private import read_private, write_private
from agent.files.published_index import (
    MOST_INDEX_BYTES,
    IndexEntry,
    PublishedIndex,
    open_index,
    open_shard,
    shard_of,
)
from agent.files.trust import Trust


@dataclass(frozen=True, slots=True)
class FetchedEntry:
    """The index, and the account's entry in it.

    Attributes
    ----------
    index : PublishedIndex or None
        None where none was fetched, or it no longer counts.
    entry : IndexEntry or None
        None where the index does not name the account.
    """

    index: PublishedIndex | None = None
    entry: IndexEntry | None = None

    @property
    def person(self) -> str:
        """Id of the person whose account it is; empty where the index does not say."""
        return self.entry.person if self.entry else ""


def read_entry(paths: Paths, trust: Trust, account: str, computer: str) -> FetchedEntry:
    """The account's entry, its signature checked anew; none where anything of it is missing or not valid."""
    try:
        packed = read_private(paths.fetched_index_file, MOST_INDEX_BYTES)
        index = open_index(packed, str(paths.fetched_index_file), trust)
        return FetchedEntry(index, find_entry(index, read_shards(paths), account, computer))
    except (FileNotFoundError, SteadyhandError, ValueError):
        # Whoever fetches says what is wrong; until then the account has nothing.
        return FetchedEntry()


def read_shards(paths: Paths) -> dict[str, str]:
    """Text of the shards that were fetched last; none where they are missing or spoilt: then they are fetched again."""
    try:
        shards = json.loads(read_private(paths.fetched_shard_file, MOST_INDEX_BYTES))
    except (OSError, SteadyhandError, ValueError, RecursionError):
        return {}
    if not isinstance(shards, dict):
        return {}
    return {str(name): text for name, text in shards.items() if isinstance(text, str)}


def find_entry(
    index: PublishedIndex, shards: dict[str, str], account: str, computer: str
) -> IndexEntry | None:
    """The entry of the account's name on this computer, else on any.

    Parameters
    ----------
    index : PublishedIndex
    shards : dict of str to str
        Text of the shards that the account may be in.
    account, computer : str

    Raises
    ------
    SteadyhandError
        If a shard is not the one that the index names.
    ValueError
        If the account or computer has no name.
    """
    for candidate in candidates(account, computer):
        shard = shard_of(candidate.account_id)
        if shard in index.shards:
            entries = open_shard(
                shards.get(shard, "").encode(), index.shards[shard], f"shard {shard} of the index"
            )
            if candidate.account_id in entries:
                return entries[candidate.account_id]
    return None


def write_entry(paths: Paths, index: bytes, shards: dict[str, str]) -> None:
    """Keep the index, and the shards that the account may be in.

    Raises
    ------
    SteadyhandError
        If they cannot be written.
    """
    write_private(paths.fetched_shard_file, canonical(shards))
    write_private(paths.fetched_index_file, index)
