"""The lock files: they pin what pyproject.toml asks for, with hashes, and name no place to fetch from."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "packaging" / "locks"
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)", re.MULTILINE)
EXTRAS = {
    "runtime": (),
    "enroll": ("enroll",),
    "dev": ("enroll", "dev"),
    "package": ("enroll", "dev", "package"),
}


def asked_for(extras: tuple[str, ...]) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in extras)]
    return [Requirement(line) for group in groups for line in group]


def pins(text: str) -> dict[str, set[str]]:
    """Every version of each package: a lock for all Pythons may hold several."""
    versions: dict[str, set[str]] = defaultdict(set)
    for match in PINNED.finditer(text):
        versions[canonicalize_name(match["name"])].add(match["version"])
    return versions


@pytest.mark.parametrize("name", EXTRAS)
def test_a_lock_pins_everything_that_is_asked_for_within_its_range(name: str) -> None:
    text = (LOCKS / f"{name}.txt").read_text()
    pinned = pins(text)
    for requirement in asked_for(EXTRAS[name]):
        versions = pinned.get(canonicalize_name(requirement.name))
        assert versions, f"{requirement} is not pinned: make lock"
        assert all(map(requirement.specifier.contains, versions)), f"{requirement}: {versions}: make lock"


@pytest.mark.parametrize("name", EXTRAS)
def test_every_pin_has_hashes_and_no_address(name: str) -> None:
    text = (LOCKS / f"{name}.txt").read_text()
    for block in re.split(r"\n(?=\S)", text.strip()):
        if PINNED.match(block):
            assert "--hash=sha256:" in block, block.splitlines()[0]
    assert "://" not in text


def test_the_locks_agree_with_one_another() -> None:
    """What a package holds was tested in the same version."""
    dev = pins((LOCKS / "dev.txt").read_text())
    for name in ("runtime", "enroll"):
        for package, versions in pins((LOCKS / f"{name}.txt").read_text()).items():
            assert versions <= dev[package], f"{package}: make lock"
