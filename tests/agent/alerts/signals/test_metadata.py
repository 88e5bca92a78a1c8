"""The static files: where a receiver looks for them, with and without a path in the issuer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.alerts.signals.metadata import publish
from agent.engine.errors import SteadyhandError
from tests.agent.alerts.signals.workbench import one_key


@pytest.mark.parametrize(
    ("issuer", "document", "keys", "uri"),
    [
        (
            "https://tr.example.com",
            ".well-known/ssf-configuration",
            "jwks.json",
            "https://tr.example.com/jwks.json",
        ),
        (
            "https://tr.example.com/issuer1",
            ".well-known/ssf-configuration/issuer1",
            "issuer1/jwks.json",
            "https://tr.example.com/issuer1/jwks.json",
        ),
        (
            "https://tr.example.com/a/b/",
            ".well-known/ssf-configuration/a/b",
            "a/b/jwks.json",
            "https://tr.example.com/a/b/jwks.json",
        ),
    ],
)
def test_the_files_lie_where_the_specification_looks(
    tmp_path: Path, issuer: str, document: str, keys: str, uri: str
) -> None:
    files = publish(tmp_path, issuer, one_key().public_set())
    assert files == (tmp_path / document, tmp_path / keys)
    assert json.loads((tmp_path / document).read_text()) == {
        "spec_version": "1_0",
        "issuer": issuer,
        "jwks_uri": uri,
        "delivery_methods_supported": ["urn:ietf:rfc:8935"],
        "default_subjects": "ALL",
    }
    assert json.loads((tmp_path / keys).read_text()) == one_key().public_set()
    assert all(file.stat().st_mode & 0o777 == 0o644 for file in files)


def test_without_issuer_or_key_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(SteadyhandError, match="ssf_issuer is not set"):
        publish(tmp_path, "", one_key().public_set())
    with pytest.raises(SteadyhandError, match="no public key"):
        publish(tmp_path, "https://tr.example.com", {"keys": []})
    assert list(tmp_path.iterdir()) == []
