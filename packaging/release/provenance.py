"""Provenance of a release: which commit and which locked dependencies made these files, signed.

`provenance.py make DIST --key KEY.pem --commit COMMIT` writes DIST/steadyhand.intoto.jsonl: one in-toto
statement with SLSA's provenance (https://slsa.dev/spec/v1.0/provenance) in a DSSE envelope. It claims SLSA
build level 1: the maintainer's own computer builds, and the signature says who says so. `provenance.py verify
DIST --key PUBLIC.pem` checks the signature and that every file in DIST is one of those it names. Keys are
Ed25519 in PEM. Exit code 1 where something does not hold, 2 for bad input.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import Error as EnvelopeError
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

NAME = "steadyhand.intoto.jsonl"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
# Signatures are made of the files that the statement names, and the statement itself is signed by its envelope.
SIGNATURES = (".asc", ".gpg", NAME)
ROOT = Path(__file__).parents[2]


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def artefacts(dist: Path) -> Iterator[Path]:
    """Every file of a release but its signatures, in order of their names."""
    for path in sorted(dist.rglob("*")):
        if path.is_file() and not path.name.endswith(SIGNATURES):
            yield path


def statement(dist: Path, commit: str, inputs: Sequence[Path]) -> dict[str, Any]:
    """The in-toto statement: the artefacts by digest, the commit and the files that pin everything else.

    Parameters
    ----------
    dist : Path
    commit : str
        Hexadecimal name of the git commit.
    inputs : sequence of Path
        Lock files, below the repository's root.
    """
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": path.relative_to(dist).as_posix(), "digest": {"sha256": digest(path)}}
            for path in artefacts(dist)
        ],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "urn:steadyhand:make-package:1",
                "externalParameters": {"target": "package"},
                "resolvedDependencies": [
                    {"name": "source", "digest": {"gitCommit": commit}},
                    *(
                        {"name": path.relative_to(ROOT).as_posix(), "digest": {"sha256": digest(path)}}
                        for path in inputs
                    ),
                ],
            },
            "runDetails": {"builder": {"id": "urn:steadyhand:maintainer"}},
        },
    }


def make(dist: Path, key: Ed25519PrivateKey, commit: str) -> int:
    """Write the signed statement; the number of artefacts it names."""
    inputs = [ROOT / "pyproject.toml", *sorted((ROOT / "packaging" / "locks").glob("*.txt"))]
    said = statement(dist, commit, inputs)
    envelope = Envelope(json.dumps(said, sort_keys=True).encode(), PAYLOAD_TYPE, {})
    envelope.sign(CryptoSigner(key, _named(key.public_key())))
    (dist / NAME).write_text(json.dumps(envelope.to_dict(), sort_keys=True) + "\n", encoding="utf-8")
    return len(said["subject"])


def _named(key: Ed25519PublicKey) -> SSlibKey:
    """The key under the name that securesystemslib derives from it."""
    return SSlibKey.from_crypto(key)


def differences(dist: Path, key: Ed25519PublicKey) -> list[str]:
    """What does not hold: one line each; none if every file is as the signed statement says.

    Raises
    ------
    OSError, ValueError, KeyError, TypeError
        If there is no statement, or none that can be read.
    """
    envelope = Envelope.from_dict(json.loads((dist / NAME).read_text(encoding="utf-8")))
    try:
        envelope.verify([_named(key)], 1)
    except (VerificationError, EnvelopeError):
        return [f"{NAME} was not signed by this key"]
    if envelope.payload_type != PAYLOAD_TYPE:
        return [f"{NAME} holds {envelope.payload_type}, not an in-toto statement"]
    return list(_compared(dist, json.loads(envelope.payload)))


def _compared(dist: Path, said: Mapping[str, Any]) -> Iterator[str]:
    named = {subject["name"]: subject["digest"]["sha256"] for subject in said["subject"]}
    here = {path.relative_to(dist).as_posix(): path for path in artefacts(dist)}
    for name in sorted(named.keys() | here.keys()):
        if name not in here:
            yield f"{name} is named and not here"
        elif name not in named:
            yield f"{name} is here and not named"
        elif digest(here[name]) != named[name]:
            yield f"{name} is not the file that was built: its SHA-256 differs"


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="provenance.py", description="Sign or check what made the files of a release."
    )
    parser.add_argument("action", choices=("make", "verify"))
    parser.add_argument("dist", type=Path, metavar="DIST")
    parser.add_argument(
        "--key", type=Path, required=True, help="Ed25519 key in PEM: private to make, public to verify"
    )
    parser.add_argument("--commit", default="", help="the commit that was built (make)")
    return parser


def main(arguments: Sequence[str]) -> int:
    """See the module."""
    options = _arguments().parse_args(arguments)
    try:
        pem = options.key.read_bytes()
        if options.action == "make":
            private = serialization.load_pem_private_key(pem, password=None)
            if not isinstance(private, Ed25519PrivateKey) or not options.commit:
                raise ValueError("give an Ed25519 private key and --commit")
            print(
                f"provenance: {make(options.dist, private, options.commit)} files of {options.commit[:12]} in {NAME}"
            )
            return 0
        public = serialization.load_pem_public_key(pem)
        if not isinstance(public, Ed25519PublicKey):
            raise ValueError("give an Ed25519 public key")
        wrong = differences(options.dist, public)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"provenance: {options.dist}, {options.key}: {error!r}", file=sys.stderr)
        return 2
    for line in wrong:
        print(f"provenance: {line}")
    if not wrong:
        print(f"provenance: every file in {options.dist} is one that was signed for")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
