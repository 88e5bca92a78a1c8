"""Keys through the years: rotation with overlap, loss, theft, a second administrator, and agents that follow."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from agent.files.index_trust import checked_index
from agent.files.keys import Role, Trust
from agent.files.published_index import INDEX_NAME
from agent.files.signing import PublicKey, create_signing_key
from enroll.office.keyring import read_keyring
from enroll.office.published import PublishedState, read_published
from tests.office.conftest import OfficeRun


def installed(office: OfficeRun, *names: str) -> Trust:
    """What root installed from these files on a computer."""
    keys = {}
    recovery = set()
    for name in names:
        key = PublicKey.from_pem((office.root / "install" / name).read_bytes(), name)
        keys[key.key_id] = (key, Role.ADMINISTRATOR)
        if name.startswith("recovery"):
            recovery.add(key.key_id)
    return Trust(keys, recovery=frozenset(recovery))


def seen(office: OfficeRun, trust: Trust) -> Trust:
    """The trust of an agent after it took the index."""
    return checked_index((office.layout.published_dir / INDEX_NAME).read_bytes(), "it", trust)[1]


def state(office: OfficeRun) -> PublishedState:
    return read_published(office.layout.published_dir, read_keyring(office.layout.keyring_file).once_trusted)


def sequences(published: PublishedState) -> dict[tuple[str, str], int]:
    return {
        (account, mouse): file.sequence
        for account, entry in published.entries.items()
        for mouse, file in entry.profiles.items()
    }


def test_a_rotation_overlaps_and_the_old_key_goes_when_told(office: OfficeRun) -> None:
    office("publish")
    before = state(office)
    root = installed(office, "admin-1.pem", "recovery.pem")
    old = read_keyring(office.layout.keyring_file).signing().key_id
    assert "vouches for it" in office("keys", "rotate", "--why", "yearly")
    office("publish")
    trust = seen(office, root)
    assert len(trust.keys) == 3
    assert sequences(state(office)) == sequences(before), "what the old key signed still counts"
    office("keys", "revoke", old, "--why", "rotated")
    office("publish")
    trust = seen(office, trust)
    assert old not in trust.keys
    after = state(office)
    assert after.sequence > before.sequence
    assert all(after_one > sequences(before)[key] for key, after_one in sequences(after).items())
    assert after.sequence >> 32 == 2, "a new key begins a new epoch"
    # A computer that was away all the time, and knows the first key alone, follows by the recovery key or not at all.
    assert len(seen(office, installed(office, "admin-2.pem", "recovery.pem")).keys) == 2


def test_a_lost_key_is_replaced_by_the_recovery_keys_word(office: OfficeRun, tmp_path: Path) -> None:
    office("publish")
    before = state(office)
    offline = tmp_path / "recovery.pem"
    (office.layout.keys_dir / "recovery.pem").rename(offline)
    root = installed(office, "admin-1.pem", "recovery.pem")
    (office.layout.keys_dir / "admin-1.pem").unlink()
    assert "if it is lost: office keys replace" in office("publish", code=2)
    assert "nobody vouches for the new key" in office("keys", "replace", code=2)
    stranger = tmp_path / "stranger.pem"
    create_signing_key(stranger)
    assert "is no recovery key of this office" in office("keys", "replace", "--recovery", stranger, code=2)
    office("keys", "replace", "--recovery", offline, "--why", "disk died")
    office("publish")
    trust = seen(office, root)
    new = read_keyring(office.layout.keyring_file).signing().key_id
    assert set(trust.keys) == {new, *root.recovery}
    for key, sequence in sequences(state(office)).items():
        assert sequence > sequences(before)[key]
        assert sequence >> 32 == 2
    assert "published" in office("leave", "carl"), "a leaver can be revoked after the key was lost"


def test_with_no_key_left_new_ones_travel_by_configuration_management(office: OfficeRun) -> None:
    office("publish")
    root = installed(office, "admin-1.pem", "recovery.pem")
    for path in office.layout.keys_dir.glob("*.pem"):
        path.unlink()
    text = office("keys", "replace", "--none-left")
    assert "no agent believes it yet" in text
    office("publish")
    assert seen(office, installed(office, "admin-2.pem"))
    with pytest.raises(SteadyhandError, match="no administrator's"):
        seen(office, root)


def test_a_second_administrators_key_counts_once_the_first_vouches(office: OfficeRun, tmp_path: Path) -> None:
    second = create_signing_key(tmp_path / "second.pem")
    (tmp_path / "second.pub.pem").write_bytes(second.public.to_pem())
    assert "none of this office's that count" in office("publish", "--key", tmp_path / "second.pem", code=2)
    office("keys", "add", tmp_path / "second.pub.pem", "--holder", "second")
    office("publish", "--key", tmp_path / "second.pem")
    assert second.key_id in seen(office, installed(office, "admin-1.pem")).keys
    assert "is in the keyring already" in office(
        "keys", "add", tmp_path / "second.pub.pem", "--holder", "x", code=2
    )
    office("keys", "revoke", second.key_id[:8], "--why", "stolen laptop")
    office("publish")
    assert second.key_id not in seen(office, installed(office, "admin-1.pem")).keys
    assert "stolen laptop" in office("keys", "list")


def test_the_last_key_is_not_revoked(office: OfficeRun) -> None:
    only = read_keyring(office.layout.keyring_file).signing().key_id
    assert "no administrator's key of this office counts any more" in office("keys", "revoke", only, code=2)
    assert read_keyring(office.layout.keyring_file).signing().key_id == only
    assert "is no key of this office" in office("keys", "revoke", "ffff", code=2)


def test_keys_have_a_passphrase_and_may_lie_elsewhere(office: OfficeRun, tmp_path: Path) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("correct horse\n")
    passphrase.chmod(0o600)
    root, keys = tmp_path / "second", tmp_path / "stick"
    office("init", root, "--keys", keys, "--passphrase-file", passphrase)
    second = OfficeRun(root, office._capsys)
    assert not (root / "keys").exists()
    for name in ("admin-1.pem", "recovery.pem", "opening.pem"):
        assert b"ENCRYPTED PRIVATE KEY" in (keys / name).read_bytes()
    assert "has a passphrase" in second("publish", code=2)
    second("publish", "--passphrase-file", passphrase)
    passphrase.write_text("wrong horse\n")
    assert "the passphrase does not open" in second("publish", "--passphrase-file", passphrase, code=2)
    passphrase.write_text("short")
    assert "fewer than 8" in office("init", tmp_path / "third", "--passphrase-file", passphrase, code=2)
    assert not (tmp_path / "third").exists()
