"""Which packed components have an advisory, without a network: `advisories.py SBOM ADVISORIES [VEX]`.

SBOM is CycloneDX JSON; ADVISORIES is a JSON list of advisories in OSV's form (one, or a list of them, in each file that
OSV publishes); VEX is OpenVEX JSON with the advisories that do not affect Steadyhand, and why. Prints a line for each
advisory that is left, with exit code 1; exit code 2 where a file cannot be read as what it should be.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version


def affected(
    sbom: Mapping[str, Any], advisories: Sequence[Mapping[str, Any]], excused: frozenset[str]
) -> Iterator[str]:
    """A line for each component and advisory that fit together and are not excused."""
    versions = {canonicalize_name(c["name"]): str(c.get("version", "")) for c in sbom.get("components", [])}
    for advisory in advisories:
        names = {advisory["id"], *advisory.get("aliases", [])}
        if names & excused:
            continue
        for package in advisory.get("affected", []):
            name = canonicalize_name(package["package"]["name"])
            if name in versions and is_affected(versions[name], package):
                yield f"{name} {versions[name]}: {advisory['id']} ({advisory.get('summary', 'no summary')})"


def is_affected(version: str, package: Mapping[str, Any]) -> bool:
    """True if OSV's `versions` or one of its `ranges` holds `version`; a version that cannot be ordered is affected."""
    if version in package.get("versions", []):
        return True
    try:
        return any(_within(Version(version), span.get("events", [])) for span in package.get("ranges", []))
    except InvalidVersion:
        return bool(package.get("ranges"))


def _within(version: Version, events: Sequence[Mapping[str, str]]) -> bool:
    """OSV's rule: the events in order say where being affected begins and ends; `last_affected` is inclusive."""
    inside = False
    for event in events:
        if "introduced" in event:
            start = event["introduced"]
            inside = inside or start == "0" or version >= Version(start)
        elif "fixed" in event:
            inside = inside and version < Version(event["fixed"])
        elif "last_affected" in event:
            inside = inside and version <= Version(event["last_affected"])
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
