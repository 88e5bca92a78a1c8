"""An excuse holds for its person and its hours, and changes the mode alone."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.config.loading import Configuration, load_configuration
from agent.files.accounts import account_of
from agent.files.excuse import Excuse, sign_excuse
from agent.files.fetched_entry import write_entry
from agent.files.keys import SigningKey, Trust
from agent.files.paths import Paths
from agent.files.private import private_dir, write_private
from agent.files.published_index import IndexEntry, PublishedIndex, pack_shard, shard_of, sign_index
from agent.runtime.central.excused import excused
from tests.agent.conftest import Keys, keys, paths

__all__ = ["keys", "paths"]

NOW = datetime(2026, 5, 1, tzinfo=UTC)
HELPDESK = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32))
EXCUSE = Excuse("p-00000000000a", NOW.isoformat(), (NOW + timedelta(hours=2)).isoformat())


@pytest.fixture
def enforcing(paths: Paths) -> Configuration:
    configuration = load_configuration(paths)
    judgement = replace(configuration.settings.judgement, mode="enforce")
    return replace(configuration, settings=replace(configuration.settings, judgement=judgement))


@pytest.fixture
def trust(paths: Paths, keys: Keys) -> Trust:
    private_dir(paths.state_dir)
    account_id = account_of("mira", "pc1").account_id
    shard = pack_shard({account_id: IndexEntry(EXCUSE.person, "pilot")})
    index = PublishedIndex(
        1,
        NOW.isoformat(),
        "office",
        {shard_of(account_id): hashlib.sha256(shard).hexdigest()},
        helpdesk_keys=(HELPDESK.public.raw.hex(),),
    )
    write_entry(paths, sign_index(index, keys.administrator), {shard_of(account_id): shard.decode()})
    return Trust.of(administrator=keys.administrator.public)


@pytest.mark.parametrize(
    ("excuse", "account", "after_h", "mode"),
    [
        (EXCUSE, "mira", 0, "shadow"),
        (EXCUSE, "mira", 1.9, "shadow"),
        (EXCUSE, "mira", 2, "enforce"),
        (EXCUSE, "carl", 0, "enforce"),
        (replace(EXCUSE, person="p-00000000000b"), "mira", 0, "enforce"),
        (replace(EXCUSE, until="2026-06-01T00:00:00+00:00"), "mira", 0, "enforce"),
    ],
)
def test_it_holds_for_its_person_and_its_hours(
    paths: Paths,
    enforcing: Configuration,
    trust: Trust,
    excuse: Excuse,
    account: str,
    after_h: float,
    mode: str,
) -> None:
    assert excused(enforcing, paths, trust, account, "pc1", NOW) == enforcing
    write_private(paths.fetched_excuse_file, sign_excuse(excuse, HELPDESK))
    now = excused(enforcing, paths, trust, account, "pc1", NOW + timedelta(hours=after_h))
    assert now.settings.judgement.mode == mode
    assert now.source_of["judgement.mode"] == (
        "excuse" if mode == "shadow" else enforcing.source_of["judgement.mode"]
    )


def test_an_excuse_of_a_key_that_the_index_does_not_name_counts_for_nothing(
    paths: Paths, enforcing: Configuration, trust: Trust, keys: Keys
) -> None:
    write_private(paths.fetched_excuse_file, sign_excuse(EXCUSE, keys.administrator))
    assert excused(enforcing, paths, trust, "mira", "pc1", NOW) == enforcing


def test_of_who_is_exempt_nothing_is_recorded(paths: Paths, enforcing: Configuration, keys: Keys) -> None:
    private_dir(paths.state_dir)
    account_id = account_of("mira", "pc1").account_id
    shard = pack_shard({account_id: IndexEntry(EXCUSE.person, "exempt")})
    hashes = {shard_of(account_id): hashlib.sha256(shard).hexdigest()}
    index = PublishedIndex(1, NOW.isoformat(), "office", hashes)
    write_entry(paths, sign_index(index, keys.administrator), {shard_of(account_id): shard.decode()})
    central = replace(enforcing.settings.central, recordings_url="https://x.example/in", recordings_key="k")
    handing = replace(enforcing, settings=replace(enforcing.settings, central=central))
    trust = Trust.of(administrator=keys.administrator.public)
    now = excused(handing, paths, trust, "mira", "pc1", NOW).settings
    assert (now.judgement.mode, now.enrolment.local, now.hands_over) == ("shadow", False, False)
    assert excused(handing, paths, trust, "carl", "pc1", NOW) == handing
