"""What is packaged, and the scripts that set a computer up."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = [*sorted((ROOT / "packaging").rglob("*.sh")), ROOT / ".ci" / "run"]
PREREQUISITES = ROOT / "packaging" / "debian" / "prerequisites.sh"


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_packaging_is_no_package() -> None:
    assert not list((ROOT / "packaging").rglob("__init__.py")), (
        "it would shadow the package `packaging` of PyPI"
    )
    seen = [sys.executable, "-c", "import packaging.version; print(packaging.__file__)"]
    home = subprocess.run(seen, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    assert not Path(home).is_relative_to(ROOT / "packaging")


def test_every_package_is_listed_and_nothing_else(project: dict[str, Any]) -> None:
    tops = ("_fastfeat", "agent", "enroll")
    there = {
        ".".join(file.parent.relative_to(ROOT).parts) for top in tops for file in (ROOT / top).rglob("*.py")
    }
    listed = project["tool"]["setuptools"]["packages"]
    assert sorted(set(listed)) == sorted(listed)
    assert set(listed) == there
    assert all((ROOT / name.replace(".", "/") / "__init__.py").is_file() for name in listed)


def test_data_files_that_are_listed_are_there(project: dict[str, Any]) -> None:
    for package, patterns in project["tool"]["setuptools"]["package-data"].items():
        for pattern in patterns:
            assert list((ROOT / package.replace(".", "/")).glob(pattern)), f"{package}: {pattern}"


def test_files_that_are_no_python_are_listed(project: dict[str, Any]) -> None:
    """What a package reads of its own folder must travel with it."""
    listed = project["tool"]["setuptools"]["package-data"]
    tracked = subprocess.run(
        ["git", "ls-files", "agent", "enroll"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if tracked.returncode:
        pytest.skip("not a clone")
    travelling = {
        str(file.relative_to(ROOT))
        for package, patterns in listed.items()
        for pattern in patterns
        for file in (ROOT / package.replace(".", "/")).glob(pattern)
    }
    others = {name for name in tracked.stdout.split() if not name.endswith(".py")}
    assert others <= travelling


def test_commands_exist(project: dict[str, Any]) -> None:
    for target in project["project"]["scripts"].values():
        module, name = target.split(":")
        assert callable(getattr(__import__(module, fromlist=[name]), name))


@pytest.mark.parametrize("script", SCRIPTS, ids=[str(s.relative_to(ROOT)) for s in SCRIPTS])
def test_scripts_are_well_formed_and_can_be_run(script: Path) -> None:
    assert script.read_text().startswith("#!/bin/sh\n")
    assert "set -eu" in script.read_text()
    assert os.access(script, os.X_OK)
    subprocess.run(["sh", "-n", str(script)], check=True)


class Debian:
    """A make-believe Debian: `id`, `dpkg-query` and `apt-get` that do as the test says and write down calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls = folder / "calls"
        self.calls.touch()
        self.program("dpkg-query", f'grep -qx "$4" {folder}/missing || printf installed')
        self.program("apt-get", f'echo "apt-get $*" >> {self.calls}')
        self.program("id", "echo 1000")
        (folder / "missing").write_text("")

    def program(self, name: str, body: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def missing(self, *packages: str) -> None:
        (self.folder / "missing").write_text("".join(f"{name}\n" for name in packages))

    def run(self) -> subprocess.CompletedProcess[str]:
        environ = {"PATH": f"{self.folder}:/usr/bin:/bin"}
        return subprocess.run(
            ["/bin/sh", str(PREREQUISITES)],
            env=environ,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )


@pytest.fixture
def debian(tmp_path: Path) -> Debian:
    return Debian(tmp_path)


def test_where_everything_is_installed_nothing_is_done(debian: Debian) -> None:
    for _ in range(2):
        ended = debian.run()
        assert (ended.returncode, ended.stderr) == (0, "")
        assert ended.stdout == "prerequisites: all Debian packages are there\n"
    assert debian.calls.read_text() == ""


def test_without_root_the_exact_line_is_printed_and_nothing_is_changed(debian: Debian) -> None:
    debian.missing("i3lock", "rsyslog-openssl")
    ended = debian.run()
    assert ended.returncode == 2
    assert ended.stderr == (
        "prerequisites: Debian packages are missing; run: sudo apt-get update && "
        "sudo apt-get install -y --no-install-recommends i3lock rsyslog-openssl\n"
    )
    assert debian.calls.read_text() == ""


def test_elsewhere_it_says_what_is_needed(tmp_path: Path) -> None:
    ended = subprocess.run(
        ["/bin/sh", str(PREREQUISITES)],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert ended.returncode == 2
    assert "not Debian" in ended.stderr
    assert "i3lock" in ended.stderr
