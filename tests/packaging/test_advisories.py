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


def listed(*components: dict[str, Any]) -> dict[str, Any]:
    return {"components": list(components)}


DEBIAN_OPENSSL = {
    "name": "openssl",
    "version": "3.0.20-1~deb12u2",
    "purl": "pkg:deb/debian/openssl@3.0.20-1~deb12u2",
}
WHEELS_OPENSSL = {
    "name": "openssl",
    "version": "4.0.3",
    "purl": "pkg:generic/openssl@4.0.3",
    "properties": [{"name": "steadyhand:within", "value": "cryptography"}],
}
CRATE = {"name": "openssl", "version": "0.10.81", "purl": "pkg:cargo/openssl@0.10.81"}


@pytest.mark.parametrize(
    ("fixed", "code"), [("3.0.20-1~deb12u3", 1), ("3.0.20-1~deb12u2", 0), ("3.0.20-1", 1), ("1:0.1", 1)]
)
def test_a_debian_version_is_ordered_as_dpkg_orders_it(tmp_path: Path, fixed: str, code: int) -> None:
    package = {
        "package": {"name": "openssl", "ecosystem": "Debian:12"},
        "ranges": events(("introduced", "0"), ("fixed", fixed)),
    }
    assert run(tmp_path, listed(DEBIAN_OPENSSL), [{"id": "DSA-1", "affected": [package]}]).returncode == code


def test_of_several_with_one_name_each_is_looked_at_and_its_wheel_named(tmp_path: Path) -> None:
    package = {"package": {"name": "openssl", "ecosystem": ""}, "versions": ["openssl-4.0.3"]}
    shown = run(
        tmp_path, listed(WHEELS_OPENSSL, DEBIAN_OPENSSL, CRATE), [{"id": "CVE-2026-2", "affected": [package]}]
    )
    assert shown.stdout.splitlines() == [
        "openssl 4.0.3 in cryptography: CVE-2026-2 (no summary)",
        "advisories: 1 left of 1 for 3 components",
    ]


def test_a_crate_is_not_the_library_of_the_same_name(tmp_path: Path) -> None:
    package = {
        "package": {"name": "openssl", "ecosystem": "crates.io"},
        "ranges": events(("introduced", "0")),
    }
    shown = run(
        tmp_path, listed(WHEELS_OPENSSL, DEBIAN_OPENSSL, CRATE), [{"id": "RUSTSEC-1", "affected": [package]}]
    )
    assert shown.stdout.splitlines()[0].startswith("openssl 0.10.81: RUSTSEC-1")
    assert "1 left" in shown.stdout


def test_a_range_of_commits_says_nothing_of_a_version(tmp_path: Path) -> None:
    package = {
        "package": {"name": "openssl", "ecosystem": ""},
        "ranges": [{"type": "GIT", "events": [{"introduced": "0"}, {"fixed": "0123abcd"}]}],
        "versions": ["openssl-3.1.0"],
    }
    assert (
        run(tmp_path, listed(WHEELS_OPENSSL), [{"id": "CVE-2026-3", "affected": [package]}]).returncode == 0
    )
