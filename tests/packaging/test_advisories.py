"""Advisories against what was packed, from files alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TOOL = Path(__file__).parents[2] / "packaging" / "release" / "advisories.py"
SBOM = {
    "components": [{"name": "Cryptography", "version": "43.0.1"}, {"name": "openssl", "version": "3.0.18"}]
}


def advisory(name: str, **affected: Any) -> dict[str, Any]:
    return {"id": "X-1", "aliases": ["CVE-2026-1"], "affected": [{"package": {"name": name}, **affected}]}


def events(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"type": "ECOSYSTEM", "events": [{kind: version} for kind, version in pairs]}]


def run(folder: Path, *documents: Any) -> subprocess.CompletedProcess[str]:
    names = []
    for number, document in enumerate(documents):
        path = folder / f"{number}.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        names.append(str(path))
    return subprocess.run([sys.executable, str(TOOL), *names], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("affected", "code"),
    [
        ({"ranges": events(("introduced", "0"), ("fixed", "43.0.2"))}, 1),
        ({"ranges": events(("introduced", "0"), ("fixed", "43.0.1"))}, 0),
        ({"ranges": events(("introduced", "43.0.2"))}, 0),
        ({"ranges": events(("introduced", "41"), ("last_affected", "43.0.1"))}, 1),
        ({"ranges": events(("introduced", "41"), ("last_affected", "43.0.0"))}, 0),
        ({"ranges": events(("introduced", "1"), ("fixed", "2"), ("introduced", "43"))}, 1),
        ({"versions": ["43.0.1"]}, 1),
        ({"versions": ["43.0.0"]}, 0),
    ],
)
def test_a_version_is_affected_as_osv_defines_it(tmp_path: Path, affected: dict[str, Any], code: int) -> None:
    assert run(tmp_path, SBOM, [advisory("cryptography", **affected)]).returncode == code


def test_a_bundled_openssl_with_an_advisory_refuses_the_release(tmp_path: Path) -> None:
    told = run(
        tmp_path, SBOM, [advisory("openssl", ranges=events(("introduced", "3.0.0"), ("fixed", "3.0.19")))]
    )
    assert told.returncode == 1
    assert told.stdout.splitlines()[0].startswith("openssl 3.0.18: X-1")


def test_what_vex_settles_by_any_name_is_no_reason(tmp_path: Path) -> None:
    vex = {"statements": [{"vulnerability": {"name": "CVE-2026-1"}, "status": "not_affected"}]}
    affected = [advisory("openssl", versions=["3.0.18"])]
    assert run(tmp_path, SBOM, affected, vex).returncode == 0
    vex["statements"][0]["status"] = "under_investigation"
    assert run(tmp_path, SBOM, affected, vex).returncode == 1


@pytest.mark.parametrize("document", ["{", [], {"components": [{}]}])
def test_what_is_no_list_of_components_is_refused_in_one_line(tmp_path: Path, document: Any) -> None:
    told = run(tmp_path, document, [advisory("openssl")])
    assert told.returncode == 2
    assert len(told.stderr.splitlines()) == 1
