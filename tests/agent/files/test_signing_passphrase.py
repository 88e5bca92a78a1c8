"""Secret keys with a passphrase, and what is said where the wrong half or the wrong passphrase is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from agent.files.sealing import create_opening_key, load_opening_key
from agent.files.signing import create_signing_key, has_passphrase, load_signing_key


def test_a_key_with_a_passphrase_is_opened_by_it_alone(tmp_path: Path) -> None:
    made = create_signing_key(tmp_path / "admin.pem", b"correct horse")
    create_opening_key(tmp_path / "opening.pem", b"correct horse")
    assert has_passphrase(tmp_path / "admin.pem")
    assert load_signing_key(tmp_path / "admin.pem", b"correct horse").key_id == made.key_id
    load_opening_key(tmp_path / "opening.pem", b"correct horse")
    for passphrase, reason in ((None, "has a passphrase"), (b"wrong", "the passphrase does not open")):
        with pytest.raises(SteadyhandError, match=reason):
            load_signing_key(tmp_path / "admin.pem", passphrase)
        with pytest.raises(SteadyhandError, match=reason):
            load_opening_key(tmp_path / "opening.pem", passphrase)


def test_a_key_without_one_is_opened_whatever_passphrase_is_given(tmp_path: Path) -> None:
    create_signing_key(tmp_path / "admin.pem")
    assert not has_passphrase(tmp_path / "admin.pem")
    assert load_signing_key(tmp_path / "admin.pem", b"unused")


def test_the_public_half_is_named_as_such_whatever_its_mode(tmp_path: Path) -> None:
    public = tmp_path / "admin.pub.pem"
    public.write_bytes(create_signing_key(tmp_path / "admin.pem").public.to_pem())
    public.chmod(0o644)
    with pytest.raises(SteadyhandError, match=r"is the public half of a key.*admin\.pem"):
        load_signing_key(public)
