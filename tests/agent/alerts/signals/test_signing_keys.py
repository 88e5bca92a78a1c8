"""The relay's keys: chosen by time, never published in private, refused where they are weak."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jwcrypto.jwk import JWK

from agent.alerts.signals import signing_keys
from agent.alerts.signals.public_keys import parse_public_set
from agent.alerts.signals.signing_keys import (
    KeyRing,
    KeyRingFile,
    read_key_ring,
    write_key_ring,
)
from agent.engine.errors import SteadyhandError
from tests.agent.alerts.signals.workbench import one_key

PRIVATE = {"d", "p", "q", "dp", "dq", "qi"}


@pytest.fixture(scope="module")
def ring() -> KeyRing:
    """A key that signs from 0 on, and one from 1,000 on."""
    return one_key().with_new(1_000)


def test_the_kid_is_the_thumbprint_that_another_library_makes(ring: KeyRing) -> None:
    for key in ring.keys:
        assert key.kid == JWK(**key.public_jwk).thumbprint()
        assert (key.public_jwk["alg"], key.public_jwk["use"]) == ("RS256", "sig")


@pytest.mark.parametrize(("now_s", "which"), [(0, 0), (999, 0), (1_000, 1), (5_000, 1)])
def test_the_newest_key_whose_time_has_come_signs(ring: KeyRing, now_s: int, which: int) -> None:
    assert ring.signing(now_s).kid == ring.keys[which].kid


def test_a_clock_before_every_key_still_signs_with_a_published_one(ring: KeyRing) -> None:
    assert KeyRing(ring.keys[1:]).signing(5).kid == ring.keys[1].kid


def test_the_published_set_has_old_and_new_and_nothing_private(ring: KeyRing) -> None:
    published = ring.public_set()["keys"]
    assert [key["kid"] for key in published] == [key.kid for key in ring.keys]
    assert all(not PRIVATE & key.keys() for key in published)


def test_the_file_is_private_and_read_back(ring: KeyRing, tmp_path: Path) -> None:
    file_name = str(tmp_path / "keys.json")
    write_key_ring(file_name, ring)
    assert Path(file_name).stat().st_mode & 0o777 == 0o600
    assert read_key_ring(file_name) == ring
    reader = KeyRingFile(file_name)
    assert reader.read() is reader.read(), "it is parsed again only where it has changed"
    write_key_ring(file_name, KeyRing(ring.keys[:1]))
    assert len(reader.read().keys) == 1


def test_a_private_key_is_in_no_text(ring: KeyRing) -> None:
    assert ring.keys[0].private_jwk["d"][:20] not in repr(ring)


def test_a_key_is_forgotten_only_when_it_no_longer_signs(ring: KeyRing) -> None:
    first, second = (key.kid for key in ring.keys)
    assert [key.kid for key in ring.without(first, 1_000).keys] == [second]
    with pytest.raises(SteadyhandError, match="signs now"):
        ring.without(first, 999)
    with pytest.raises(SteadyhandError, match="there is no key"):
        ring.without("another", 999)


def weak() -> dict[str, Any]:
    return json.loads(JWK.generate(kty="RSA", size=1024).export())  # type: ignore[no-any-return]


def curve() -> dict[str, Any]:
    return json.loads(JWK.generate(kty="EC", crv="P-256").export())  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "make", [weak, curve, lambda: {"kty": "RSA", "n": "AQAB", "e": "AQAB"}, lambda: 7, dict]
)
def test_what_is_no_key_for_rs256_is_refused(make: Any, tmp_path: Path) -> None:
    entry = make()
    if isinstance(entry, dict):
        entry = {name: text for name, text in entry.items() if name != "kid"} | {"signs_from_unix_s": 0}
    path = tmp_path / "keys.json"
    path.touch(0o600)
    path.write_text(json.dumps({"keys": [entry]}))
    with pytest.raises(SteadyhandError, match="holds no signing keys") as refused:
        read_key_ring(str(path))
    assert "\n" not in str(refused.value)


def test_a_private_key_among_public_ones_is_refused(ring: KeyRing) -> None:
    content = json.dumps(ring.public_set()).encode()
    assert parse_public_set(content, "a file") == ring.public_set()
    leak = {"keys": [{**ring.keys[0].public_jwk, "d": "AQAB"}]}
    with pytest.raises(SteadyhandError, match="'d' is unknown"):
        parse_public_set(json.dumps(leak).encode(), "a file")


def test_a_new_key_can_be_named_on_a_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Key:
        def __init__(self, thumbprint: str) -> None:
            self._thumbprint = thumbprint

        def thumbprint(self) -> str:
            return self._thumbprint

        def as_dict(self, *, private: bool) -> dict[str, str]:
            return {"private": str(private)}

    made = iter([Key("-a"), Key("--b"), Key("c-")])
    library = SimpleNamespace(RSAKey=SimpleNamespace(generate_key=lambda _bits: next(made)))
    monkeypatch.setattr(signing_keys, "_library", lambda: (library, None))
    assert [key.kid for key in KeyRing(()).with_new(0).keys] == ["c-"]
