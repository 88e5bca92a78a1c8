"""The list of what is packed names every shared library's origin, and a library of unknown origin is refused."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TOOL = Path(__file__).parents[2] / "packaging" / "frozen" / "bundled.py"
SBOM = {"bomFormat": "CycloneDX", "components": [{"name": "numpy", "version": version("numpy")}]}


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    folder = tmp_path / "steadyhand" / "_internal"
    folder.mkdir(parents=True)
    (folder / "libpython3.11.so.1.0").write_bytes(b"")
    (folder / "libcrypto.so.3").write_bytes(b"")
    copied = next((Path(np.__file__).parents[1] / "numpy.libs").glob("lib*openblas*.so*"))
    (folder / "numpy.libs").mkdir()
    shutil.copy(copied, folder / "numpy.libs")
    return folder


def run(
    tmp_path: Path, frozen: Path, libraries: str
) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    sbom, known = tmp_path / "sbom.json", tmp_path / "libraries.txt"
    sbom.write_text(json.dumps(SBOM))
    known.write_text(libraries)
    command = [sys.executable, str(TOOL), str(sbom), sys.executable, str(known), str(frozen)]
    return subprocess.run(command, capture_output=True, text=True, check=False), json.loads(sbom.read_text())


def files(component: dict[str, Any]) -> list[str]:
    return [entry["value"] for entry in component.get("properties", []) if entry["name"] == "steadyhand:file"]


def test_each_library_is_listed_with_its_package_and_its_file(tmp_path: Path, frozen: Path) -> None:
    ended, sbom = run(tmp_path, frozen, "libcrypto.so.3 openssl 3.0.20-1~deb12u2\n")
    assert ended.returncode == 0, ended.stderr
    by_file = {name: component for component in sbom["components"] for name in files(component)}
    assert by_file["libcrypto.so.3"]["version"] == "3.0.20-1~deb12u2"
    assert by_file["libcrypto.so.3"]["purl"].startswith("pkg:deb/debian/openssl@3.0.20-1~deb12u2?arch=")
    assert by_file["libpython3.11.so.1.0"]["version"] == platform.python_version()
    openblas = next(component for name, component in by_file.items() if "openblas" in name)
    assert {"name": "steadyhand:within", "value": "numpy"} in openblas["properties"]


def test_the_openssl_inside_cryptography_is_listed(tmp_path: Path, frozen: Path) -> None:
    _, sbom = run(tmp_path, frozen, "libcrypto.so.3 openssl 3.0.20-1~deb12u2\n")
    within = {"name": "steadyhand:within", "value": "cryptography"}
    inside = [c for c in sbom["components"] if c["name"] == "openssl" and within in c.get("properties", [])]
    assert any(not str(component.get("purl", "")).startswith("pkg:cargo/") for component in inside)


def test_a_library_that_nobody_knows_is_refused_and_the_list_stays_as_it_was(
    tmp_path: Path, frozen: Path
) -> None:
    (frozen / "libmystery.so.9").write_bytes(b"")
    ended, sbom = run(tmp_path, frozen, "libcrypto.so.3 openssl 3.0.20-1~deb12u2\n")
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        f"bundled: nobody knows where {frozen / 'libmystery.so.9'} comes from: it may not be shipped"
    ]
    assert sbom == SBOM


def test_a_damaged_list_of_libraries_is_refused_in_one_line(tmp_path: Path, frozen: Path) -> None:
    ended, sbom = run(tmp_path, frozen, "libcrypto.so.3 openssl\n")
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert sbom == SBOM
