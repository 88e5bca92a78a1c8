"""The signed index: what it names is read back, and everything else is refused."""

from __future__ import annotations

import hashlib

import pytest

from agent.engine.errors import SteadyhandError
from agent.files.keys import Trust
from agent.files.published_index import (
    IndexEntry,
    PublishedFile,
    PublishedIndex,
    open_index,
    open_shard,
    pack_shard,
    sign_index,
)
from agent.files.versions import epoch_sequence, version_text
from tests.agent.conftest import Keys, keys

__all__ = ["keys"]

SHA = "ab" * 32
FILE = PublishedFile(f"profiles/{SHA}.profile", SHA, epoch_sequence(1, 4))
ENTRY = IndexEntry("p-1", "pilot", None, {"1-usb": FILE})
INDEX = PublishedIndex(
    epoch_sequence(2, 7), "2026-05-01T00:00:00+00:00", "office", {"ab": SHA}, ("e",), ("r",), ("h",)
)


def test_an_index_is_read_back_as_it_was_signed(keys: Keys) -> None:
    read = open_index(
        sign_index(INDEX, keys.administrator), "it", Trust.of(administrator=keys.administrator.public)
    )
    assert read.signed_by == keys.administrator.key_id
    assert (read.sequence, read.shards, read.endorsements, read.revoked_keys, read.helpdesk_keys) == (
        (2 << 32) + 7,
        {"ab": SHA},
        ("e",),
        ("r",),
        ("h",),
    )
    assert read.version == "epoch 2, version 7"


def test_any_version_of_a_new_epoch_is_newer_than_every_old_one() -> None:
    assert epoch_sequence(2, 1) > epoch_sequence(1, 3) > 3
    assert [version_text(3), version_text(epoch_sequence(1, 3))] == ["3", "epoch 1, version 3"]


@pytest.mark.parametrize("change", [b"pilot", b"", b"{}\nAA==\n", b"[1]\n"])
def test_what_is_no_index_is_refused(keys: Keys, change: bytes) -> None:
    with pytest.raises(SteadyhandError, match="it is not an index"):
        open_index(change, "it", Trust.of(administrator=keys.administrator.public))


def test_a_strangers_a_changed_and_a_local_one_are_refused(keys: Keys) -> None:
    trust = Trust.of(administrator=keys.administrator.public, local=keys.local.public)
    signed = sign_index(INDEX, keys.administrator)
    for data, reason in (
        (sign_index(INDEX, keys.stranger), "no administrator's"),
        (sign_index(INDEX, keys.local), "no administrator's"),
        (signed.replace(b"office", b"0ffice", 1).replace(b"2026", b"2027"), "index|signature does not fit"),
        (signed.split(b"\n", 1)[0] + b"\nAAAA\n", "signature does not fit"),
    ):
        with pytest.raises(SteadyhandError, match=reason):
            open_index(data, "it", trust)


def test_a_shard_is_the_one_that_the_index_names() -> None:
    packed = pack_shard({"ab12": ENTRY})
    assert open_shard(packed, hashlib.sha256(packed).hexdigest(), "it") == {"ab12": ENTRY}
    with pytest.raises(SteadyhandError, match="not the file that the index names"):
        open_shard(packed + b" ", hashlib.sha256(packed).hexdigest(), "it")


@pytest.mark.parametrize(
    "name", ["../keys/admin.pem", "/etc/passwd", "profiles/x.profile", f"profiles/{SHA}.profile/.."]
)
def test_a_shard_names_no_file_outside_the_folder(name: str) -> None:
    packed = pack_shard({"ab12": IndexEntry("p-1", "pilot", PublishedFile(name, SHA, 1))})
    with pytest.raises(SteadyhandError, match="is no file of the folder"):
        open_shard(packed, hashlib.sha256(packed).hexdigest(), "it")
