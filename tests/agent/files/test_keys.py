"""Keys: kept private, known by their ids, trusted for what their holder may do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from agent.engine.errors import SteadyhandError
from agent.files.keys import (
    PublicKey,
    Role,
    Trust,
    create_signing_key,
    load_signing_key,
    load_trust,
    local_signing_key,
    recording_key,
)
from agent.files.paths import Paths
from agent.files.private import write_private


def test_a_key_comes_back_and_its_signatures_verify(tmp_path: Path) -> None:
    made = create_signing_key(tmp_path / "k" / "admin.pem")
    loaded = load_signing_key(tmp_path / "k" / "admin.pem")
    assert loaded.key_id == made.key_id
    assert len(made.key_id) == 16
    signature = loaded.sign(b"data")
    assert made.public.verifies(signature, b"data")
    assert not made.public.verifies(signature, b"date")
    assert not made.public.verifies(b"", b"data")
    assert PublicKey.from_pem(made.public.to_pem(), "k") == made.public


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    create_signing_key(tmp_path / "k.pem")
    with pytest.raises(SteadyhandError, match="never overwritten"):
        create_signing_key(tmp_path / "k.pem")


def test_a_key_may_be_made_in_any_folder_and_is_private_itself(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    create_signing_key(tmp_path / "k.pem")
    create_signing_key(tmp_path / "new" / "k.pem")
    assert (tmp_path / "k.pem").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_missing_key_says_which(tmp_path: Path) -> None:
    with pytest.raises(
        SteadyhandError, match=r"cannot read the key .*[/\\]k\.pem \(No such file or directory\)"
    ):
        load_signing_key(tmp_path / "k.pem")


def test_a_key_does_not_show_its_secret(tmp_path: Path) -> None:
    assert "Private" not in repr(create_signing_key(tmp_path / "k.pem"))


def test_a_key_file_open_to_others_is_refused(tmp_path: Path) -> None:
    create_signing_key(tmp_path / "k.pem")
    (tmp_path / "k.pem").chmod(0o644)
    with pytest.raises(SteadyhandError, match="open to others"):
        load_signing_key(tmp_path / "k.pem")


@pytest.mark.parametrize(
    "content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
)
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    write_private(tmp_path / "k.pem", content)
    with pytest.raises(SteadyhandError, match=r"k\.pem is not a private key"):
        load_signing_key(tmp_path / "k.pem")
    with pytest.raises(SteadyhandError, match="is not a public key"):
        PublicKey.from_pem(content, "pub")


def test_another_kind_of_key_is_refused() -> None:
    other = (
        X25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    with pytest.raises(SteadyhandError, match="Ed25519"):
        PublicKey.from_pem(other, "pub")


def test_another_kind_of_private_key_is_refused(tmp_path: Path) -> None:
    pem = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(tmp_path / "key", pem)
    with pytest.raises(SteadyhandError, match=r"key is a private key of another kind: use an Ed25519 key"):
        load_signing_key(tmp_path / "key")


def test_the_local_and_the_recording_key_are_made_once(paths: Paths) -> None:
    assert local_signing_key(paths).key_id == local_signing_key(paths).key_id
    assert recording_key(paths) == recording_key(paths)
    assert len(recording_key(paths)) == 32
    assert paths.recording_key_file.stat().st_mode & 0o777 == 0o600
    assert paths.keys_dir.stat().st_mode & 0o777 == 0o700


def test_a_recording_key_of_another_length_is_refused(paths: Paths) -> None:
    recording_key(paths)
    write_private(paths.recording_key_file, b"short")
    with pytest.raises(SteadyhandError, match="5 bytes, not 32"):
        recording_key(paths)


def install_public_key(paths: Paths, name: str, pem: bytes) -> Path:
    paths.administrators_keys_dir.mkdir(parents=True, exist_ok=True)
    path = paths.administrators_keys_dir / name
    path.write_bytes(pem)
    return path


def test_trust_takes_the_administrators_keys_and_the_local_one_where_allowed(
    paths: Paths, tmp_path: Path
) -> None:
    administrator = create_signing_key(tmp_path / "admin.pem")
    install_public_key(paths, "a.pem", administrator.public.to_pem())
    local = local_signing_key(paths)
    uid = os.geteuid()
    trust = load_trust(paths, local=True, required_uid=uid)
    assert trust.role_of(administrator.key_id) is Role.ADMINISTRATOR
    assert trust.role_of(local.key_id) is Role.LOCAL
    assert trust.role_of("0" * 16) is None
    assert trust.problems == ()
    assert load_trust(paths, local=False, required_uid=uid).role_of(local.key_id) is None


def test_a_key_that_others_could_have_put_there_is_left_out_and_told(paths: Paths, tmp_path: Path) -> None:
    good = create_signing_key(tmp_path / "1.pem").public
    bad = create_signing_key(tmp_path / "2.pem").public
    install_public_key(paths, "good.pem", good.to_pem())
    install_public_key(paths, "bad.pem", bad.to_pem()).chmod(0o666)
    install_public_key(paths, "junk.pem", b"junk")
    trust = load_trust(paths, local=True, required_uid=os.geteuid())
    assert set(trust.keys) == {good.key_id}
    assert len(trust.problems) == 2
    assert "bad.pem can be written by others" in trust.problems[0]
    assert "junk.pem is not a public key" in trust.problems[1]
    nobody = load_trust(paths, local=True, required_uid=os.geteuid() + 1)
    assert nobody.keys == {}
    assert nobody.problems


def test_a_key_that_is_both_is_the_administrators(tmp_path: Path) -> None:
    key = create_signing_key(tmp_path / "k.pem").public
    assert Trust.of(administrator=key, local=key).role_of(key.key_id) is Role.ADMINISTRATOR
