"""A release's provenance: what was signed for, and what was changed, added or taken away since."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

TOOL = Path(__file__).parents[2] / "packaging" / "release" / "provenance.py"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path, Ed25519PrivateKey]:
    private = Ed25519PrivateKey.generate()
    secret, public = tmp_path / "key.pem", tmp_path / "key.pub.pem"
    secret.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    public.write_bytes(
        private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return secret, public, private


@pytest.fixture
def dist(tmp_path: Path, keys: tuple[Path, Path, Ed25519PrivateKey]) -> Path:
    folder = tmp_path / "dist"
    (folder / "apt" / "pool").mkdir(parents=True)
    (folder / "steadyhand.whl").write_bytes(b"wheel")
    (folder / "apt" / "pool" / "steadyhand.deb").write_bytes(b"package")
    made = run("make", folder, keys[0], "--commit", COMMIT)
    assert made.returncode == 0, made.stderr
    # Signatures come after the statement and are no artefacts.
    (folder / "steadyhand.whl.asc").write_text("signature")
    return folder


def run(action: str, dist: Path, key: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOOL), action, str(dist), "--key", str(key), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_envelope_is_dsse_with_an_in_toto_statement(
    dist: Path, keys: tuple[Path, Path, Ed25519PrivateKey]
) -> None:
    envelope = json.loads((dist / "steadyhand.intoto.jsonl").read_text())
    payload = base64.b64decode(envelope["payload"])
    kind = envelope["payloadType"].encode()
    # DSSE's pre-authentication encoding, written from its specification.
    signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    keys[2].public_key().verify(base64.b64decode(envelope["signatures"][0]["sig"]), signed)
    statement = json.loads(payload)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert [subject["name"] for subject in statement["subject"]] == [
        "apt/pool/steadyhand.deb",
        "steadyhand.whl",
    ]
    assert statement["predicate"]["buildDefinition"]["resolvedDependencies"][0]["digest"] == {
        "gitCommit": COMMIT
    }


def test_what_was_signed_for_verifies(dist: Path, keys: tuple[Path, Path, Ed25519PrivateKey]) -> None:
    assert run("verify", dist, keys[1]).returncode == 0


def test_a_changed_an_added_and_a_missing_file_are_named(
    dist: Path, keys: tuple[Path, Path, Ed25519PrivateKey]
) -> None:
    (dist / "steadyhand.whl").write_bytes(b"another")
    (dist / "extra.msi").write_bytes(b"extra")
    (dist / "apt" / "pool" / "steadyhand.deb").unlink()
    checked = run("verify", dist, keys[1])
    assert checked.returncode == 1
    assert checked.stdout.splitlines() == [
        "provenance: apt/pool/steadyhand.deb is named and not here",
        "provenance: extra.msi is here and not named",
        "provenance: steadyhand.whl is not the file that was built: its SHA-256 differs",
    ]


def test_a_statement_that_was_edited_or_signed_by_somebody_else_is_refused(
    dist: Path, keys: tuple[Path, Path, Ed25519PrivateKey]
) -> None:
    path = dist / "steadyhand.intoto.jsonl"
    envelope = json.loads(path.read_text())
    edited = base64.b64decode(envelope["payload"]).replace(COMMIT.encode(), b"f" * 40)
    path.write_text(json.dumps({**envelope, "payload": base64.b64encode(edited).decode()}))
    assert run("verify", dist, keys[1]).returncode == 1
    path.write_text(json.dumps(envelope))
    foreign = keys[1].with_name("foreign.pem")
    foreign.write_bytes(
        Ed25519PrivateKey.generate()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    assert run("verify", dist, foreign).returncode == 1


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"payload": 5}'])
def test_what_is_no_statement_is_refused_in_one_line(
    dist: Path, keys: tuple[Path, Path, Ed25519PrivateKey], text: str
) -> None:
    (dist / "steadyhand.intoto.jsonl").write_text(text)
    checked = run("verify", dist, keys[1])
    assert checked.returncode == 2
    assert len(checked.stderr.splitlines()) == 1
