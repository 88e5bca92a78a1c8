"""Which packed components have an advisory, without a network: `advisories.py SBOM ADVISORIES [VEX]`.

SBOM is CycloneDX JSON; ADVISORIES is a JSON list of advisories in OSV's form (one, or a list of them, in each file that
OSV publishes); VEX is OpenVEX JSON with the advisories that do not affect Steadyhand, and why. Prints a line for each
advisory that is left, with exit code 1; exit code 2 where a file cannot be read as what it should be.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

# Package URL's type to OSV's ecosystem. What came without a package URL may be of any of them.
ECOSYSTEMS = {"pypi": "PyPI", "deb": "Debian", "cargo": "crates.io", "rpm": "AlmaLinux"}


def affected(
    sbom: Mapping[str, Any], advisories: Sequence[Mapping[str, Any]], excused: frozenset[str]
) -> Iterator[str]:
    """A line for each component and advisory that fit together and are not excused."""
    packed: dict[str, list[Mapping[str, Any]]] = {}
    for component in sbom.get("components", []):
        packed.setdefault(canonicalize_name(component["name"]), []).append(component)
    for advisory in advisories:
        if {advisory["id"], *advisory.get("aliases", [])} & excused:
            continue
        for package in advisory.get("affected", []):
            for component in packed.get(canonicalize_name(package["package"]["name"]), []):
                if _same_ecosystem(component, package) and is_affected(
                    str(component.get("version", "")), package
                ):
                    yield f"{_called(component)}: {advisory['id']} ({advisory.get('summary', 'no summary')})"


def _called(component: Mapping[str, Any]) -> str:
    """The component's name and version, and what it lies in."""
    within = [p["value"] for p in component.get("properties", []) if p["name"] == "steadyhand:within"]
    inside = f" in {within[0]}" if within else ""
    return f"{canonicalize_name(component['name'])} {component.get('version', '')}{inside}"


def _same_ecosystem(component: Mapping[str, Any], package: Mapping[str, Any]) -> bool:
    """True unless both say where they come from and differ; a library that a wheel holds comes from upstream."""
    kind = str(component.get("purl", "")).removeprefix("pkg:").split("/")[0]
    theirs = str(package["package"].get("ecosystem", "")).split(":")[0]
    if kind in ECOSYSTEMS:
        return theirs in ("", ECOSYSTEMS[kind])
    return theirs not in ("PyPI", "crates.io")


def is_affected(version: str, package: Mapping[str, Any]) -> bool:
    """True if OSV's `versions` or one of its `ranges` holds `version`; a version that cannot be ordered is affected.

    Ranges of git commits say nothing of a version: those advisories list versions, as tags such as ``openssl-3.0.1``.
    """
    if any(listed == version or listed.endswith(f"-{version}") for listed in package.get("versions", [])):
        return True
    ranges = [span for span in package.get("ranges", []) if span.get("type") != "GIT"]
    try:
        before = (
            _debian_before if str(package["package"].get("ecosystem", "")).startswith("Debian") else _before
        )
        return any(_within(version, span.get("events", []), before) for span in ranges)
    except InvalidVersion:
        return bool(ranges)


def _before(earlier: str, later: str) -> bool:
    return Version(earlier) < Version(later)


def _debian_before(earlier: str, later: str) -> bool:
    """By dpkg's own order, which has epochs and tildes."""
    return subprocess.run(["dpkg", "--compare-versions", earlier, "lt", later], check=False).returncode == 0


def _within(version: str, events: Sequence[Mapping[str, str]], before: Callable[[str, str], bool]) -> bool:
    """OSV's rule: the events in order say where being affected begins and ends; `last_affected` is inclusive."""
    inside = False
    for event in events:
        if "introduced" in event:
            start = event["introduced"]
            inside = inside or start == "0" or not before(version, start)
        elif "fixed" in event:
            inside = inside and before(version, event["fixed"])
        elif "last_affected" in event:
            inside = inside and not before(event["last_affected"], version)
    return inside


def excused_by(vex: Mapping[str, Any]) -> frozenset[str]:
    """The advisories that a VEX document calls `not_affected` or `fixed`."""
    settled = (s for s in vex.get("statements", []) if s["status"] in ("not_affected", "fixed"))
    return frozenset(str(s["vulnerability"]["name"]) for s in settled)


def main(arguments: Sequence[str]) -> int:
    """See the module."""
    if len(arguments) not in (2, 3):
        print("usage: advisories.py SBOM ADVISORIES [VEX]", file=sys.stderr)
        return 2
    try:
        documents = [json.loads(Path(name).read_text(encoding="utf-8")) for name in arguments]
        advisories = documents[1] if isinstance(documents[1], list) else [documents[1]]
        excused = excused_by(documents[2]) if len(documents) > 2 else frozenset()
        lines = list(affected(documents[0], advisories, excused))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"advisories: {error!r}: give CycloneDX JSON, OSV JSON and OpenVEX JSON", file=sys.stderr)
        return 2
    for line in lines:
        print(line)
    print(
        f"advisories: {len(lines)} left of {len(advisories)} for {len(documents[0].get('components', []))} components"
    )
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
