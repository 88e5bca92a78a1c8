"""Keys that change with the index: endorsed ones count, revoked ones do not, and a recovery key has the last word."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.engine.errors import SteadyhandError
from agent.files.endorsement import endorse, endorsed_keys, revocations
from agent.files.index_trust import checked_index, with_index
from agent.files.keys import SigningKey, Trust
from agent.files.paths import Paths
from agent.files.private import private_dir, write_private
from agent.files.published_index import PublishedIndex, sign_index

OLD, NEW, NEWER, RECOVERY, STRANGER = (
    SigningKey(Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in range(1, 6)
)
INDEX = PublishedIndex(1, "2026-05-01T00:00:00+00:00", "office", {})
DAY = "2026-05-01"


def trust_in(*keys: SigningKey, recovery: frozenset[str] = frozenset()) -> Trust:
    known = {key_id: who for key in keys for key_id, who in Trust.of(administrator=key.public).keys.items()}
    return Trust(known, recovery=recovery)


def ids(trust: Trust) -> set[str]:
    return set(trust.keys)


def test_a_new_key_counts_through_the_old_ones_word_and_one_through_another() -> None:
    words = (endorse(NEWER.public, NEW, DAY), endorse(NEW.public, OLD, DAY))
    data = sign_index(replace(INDEX, endorsements=words), NEWER)
    index, trust = checked_index(data, "it", trust_in(OLD))
    assert index.signed_by == NEWER.key_id
    assert ids(trust) == {OLD.key_id, NEW.key_id, NEWER.key_id}


@pytest.mark.parametrize(
    "words",
    [
        endorse(NEW.public, STRANGER, DAY),
        endorse(NEW.public, OLD, DAY).replace("2026", "2027"),
        "{}\nAAAA",
        "[]",
        "\x00",
    ],
)
def test_nobody_elses_word_counts(words: str) -> None:
    assert endorsed_keys([words], {OLD.key_id: OLD.public}, ()) == {}
    with pytest.raises(SteadyhandError, match="no administrator's"):
        checked_index(sign_index(replace(INDEX, endorsements=(words,)), NEW), "it", trust_in(OLD))


def test_a_revoked_key_neither_signs_nor_vouches() -> None:
    words = (endorse(NEW.public, RECOVERY, DAY), endorse(STRANGER.public, OLD, DAY))
    revoking = replace(INDEX, endorsements=words, revoked_keys=(OLD.key_id,))
    _, trust = checked_index(
        sign_index(revoking, NEW), "it", trust_in(OLD, RECOVERY, recovery=frozenset([RECOVERY.key_id]))
    )
    assert ids(trust) == {NEW.key_id, RECOVERY.key_id}
    with pytest.raises(SteadyhandError, match="no administrator's"):
        checked_index(
            sign_index(revoking, STRANGER),
            "it",
            trust_in(OLD, RECOVERY, recovery=frozenset([RECOVERY.key_id])),
        )


def test_a_recovery_key_is_revoked_by_a_recovery_key_alone() -> None:
    assert revocations([RECOVERY.key_id, NEW.key_id], OLD.key_id, {RECOVERY.key_id}) == {NEW.key_id}
    other = STRANGER.key_id
    assert revocations([other], RECOVERY.key_id, {RECOVERY.key_id, other}) == {other}
    assert revocations([OLD.key_id], OLD.key_id, ()) == frozenset(), "nobody takes the own signature away"


def test_the_index_that_was_fetched_adds_to_what_root_installed(paths: Paths) -> None:
    private_dir(paths.state_dir)
    assert ids(with_index(trust_in(OLD), paths)) == {OLD.key_id}
    words = (endorse(NEW.public, OLD, DAY),)
    write_private(paths.fetched_index_file, sign_index(replace(INDEX, endorsements=words), OLD))
    assert ids(with_index(trust_in(OLD), paths)) == {OLD.key_id, NEW.key_id}
    write_private(paths.fetched_index_file, b"something else")
    spoilt = with_index(trust_in(OLD), paths)
    assert ids(spoilt) == {OLD.key_id}
    assert "is not an index" in spoilt.problems[0]
