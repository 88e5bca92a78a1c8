"""Complete a CycloneDX list with the packed libraries: `bundled.py SBOM RUNTIME LIBRARIES FOLDER...`.

SBOM is what cyclonedx-py wrote of the environment RUNTIME (a Python); each FOLDER is a frozen program. Every
shared library in them is traced: to a wheel (and to what the wheel's own lists say is inside it), to CPython,
or to the Debian package that LIBRARIES names (lines `FILE PACKAGE VERSION`, as packaging/frozen/old_python.sh
writes them) or that owns it on this system. A library of unknown origin is an error: exit code 1, and SBOM
stays as it was. Exit code 2 for input that cannot be read.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

SHARED_LIBRARY = re.compile(r"\.so(\.[0-9.]+)?$")
# numpy.libs/libgfortran-040039e1.so.5.0.0: what auditwheel makes of a library that it copies into a wheel.
COPIED = re.compile(r"^lib(?P<name>.+?)(-[0-9a-f]{8})*\.so(\.(?P<version>[0-9.]+))?$")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a shared library comes from.

    Attributes
    ----------
    name, version : str
        Of the package that it belongs to.
    purl : str
        Package URL; empty for what lies inside a wheel without a list of its own.
    within : str
        The wheel that brings it along; empty if it is packed for itself.
    """

    name: str
    version: str
    purl: str
    within: str = ""


def libraries(folders: Sequence[Path]) -> Iterator[Path]:
    """Every shared library in frozen programs, links left out."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if SHARED_LIBRARY.search(path.name) and path.is_file() and not path.is_symlink():
                yield path


def wheel_files(installed: Sequence[Distribution]) -> dict[str, Distribution]:
    """Name of each shared library of each wheel, with the wheel."""
    owners = {}
    for distribution in installed:
        for file in distribution.files or ():
            if SHARED_LIBRARY.search(file.name):
                owners[file.name] = distribution
    return owners


def inside(distribution: Distribution) -> Iterator[Mapping[str, Any]]:
    """The components that a wheel's own CycloneDX lists name (PEP 770)."""
    for file in distribution.files or ():
        if ".dist-info/sboms/" in file.as_posix() and file.name.endswith(".json"):
            for component in json.loads(file.read_text()).get("components", []):
                if component.get("version") and _normal(component["name"]) != _normal(distribution.name):
                    yield component


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def debian_origin(path: Path, known: Mapping[str, tuple[str, str]], architecture: str) -> Origin | None:
    """The Debian source package of a system library, or None if nobody knows it."""
    if path.name in known:
        name, version = known[path.name]
    else:
        name, version = _owner_here(path.name)
    return Origin(name, version, f"pkg:deb/debian/{name}@{version}?arch={architecture}") if name else None


def _owner_here(file_name: str) -> tuple[str, str]:
    searched = subprocess.run(["dpkg", "-S", f"*/{file_name}"], capture_output=True, text=True, check=False)
    for line in searched.stdout.splitlines():
        package = line.split(": ")[0]
        shown = subprocess.run(
            ["dpkg-query", "-W", "-f", "${source:Package} ${source:Version}", package],
            capture_output=True,
            text=True,
            check=True,
        )
        name, version = shown.stdout.split()
        return name, version
    return "", ""


def trace(
    path: Path,
    wheels: Mapping[str, Distribution],
    known: Mapping[str, tuple[str, str]],
    python: str,
    architecture: str,
) -> Origin | None:
    """Where one packed library comes from; None if that is unknown."""
    if path.name in wheels:
        distribution = wheels[path.name]
        copied = COPIED.match(path.name)
        if path.parent.name.endswith(".libs") and copied:
            return Origin(copied["name"], copied["version"] or "unknown", "", distribution.name)
        return Origin(
            distribution.name, distribution.version, f"pkg:pypi/{distribution.name}@{distribution.version}"
        )
    if path.name.startswith("libpython") or path.parent.name == "lib-dynload":
        return Origin("cpython", python, f"pkg:generic/cpython@{python}")
    return debian_origin(path, known, architecture)


def components(
    origins: Mapping[Origin, Sequence[str]], listed: set[tuple[str, str]]
) -> Iterator[dict[str, Any]]:
    """CycloneDX components of the origins that the list does not hold yet, with the files of each."""
    for origin in sorted(origins, key=lambda origin: (origin.within, origin.name)):
        if (origin.name, origin.version) in listed:
            continue
        properties = [{"name": "steadyhand:file", "value": name} for name in sorted(set(origins[origin]))]
        if origin.within:
            properties.append({"name": "steadyhand:within", "value": origin.within})
        component: dict[str, Any] = {
            "type": "library",
            "bom-ref": f"bundled:{origin.within}:{origin.name}@{origin.version}",
            "name": origin.name,
            "version": origin.version,
            "properties": properties,
        }
        if origin.purl:
            component["purl"] = origin.purl
        yield component


def nested(installed: Sequence[Distribution]) -> Iterator[dict[str, Any]]:
    """Components that wheels' own lists name, each with the wheel that it lies in."""
    seen = set()
    for distribution in sorted(installed, key=lambda distribution: distribution.name):
        for component in inside(distribution):
            key = (distribution.name, component["name"], component["version"])
            if key not in seen:
                seen.add(key)
                kept = {
                    name: component[name]
                    for name in ("name", "version", "purl", "licenses")
                    if name in component
                }
                yield {
                    "type": "library",
                    "bom-ref": "wheel:" + ":".join(key),
                    **kept,
                    "properties": [{"name": "steadyhand:within", "value": distribution.name}],
                }


def completed(
    sbom: Mapping[str, Any], runtime: Path, known: Mapping[str, tuple[str, str]], folders: Sequence[Path]
) -> tuple[dict[str, Any], list[str]]:
    """The list with every packed library, and the libraries of unknown origin."""
    python = _said_by(runtime, "import platform; print(platform.python_version())")
    paths = json.loads(_said_by(runtime, "import json, sys; print(json.dumps(sys.path[1:]))"))
    architecture = (
        "arm64" if _said_by(runtime, "import platform; print(platform.machine())") == "aarch64" else "amd64"
    )
    installed = list(distributions(path=paths))
    wheels = wheel_files(installed)
    origins: dict[Origin, list[str]] = {}
    unknown = []
    for path in libraries(folders):
        origin = trace(path, wheels, known, python, architecture)
        if origin is None:
            unknown.append(str(path))
        else:
            origins.setdefault(origin, []).append(path.name)
    listed = {(c["name"].lower(), c.get("version", "")) for c in sbom["components"]}
    more = [*components(origins, listed), *nested(installed)]
    return {**sbom, "components": [*sbom["components"], *more]}, unknown


def _said_by(python: Path, code: str) -> str:
    return subprocess.run(
        [str(python), "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def known_libraries(path: Path) -> dict[str, tuple[str, str]]:
    """File name to (package, version); nothing where `path` does not exist.

    Raises
    ------
    ValueError
        If a line is not `FILE PACKAGE VERSION`.
    """
    if not path.exists():
        return {}
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    return {name: (package, version) for name, package, version in lines}


def main(arguments: Sequence[str]) -> int:
    """See the module."""
    if len(arguments) < 4:
        print("usage: bundled.py SBOM RUNTIME LIBRARIES FOLDER...", file=sys.stderr)
        return 2
    sbom_path, runtime, libraries_path, *folders = map(Path, arguments)
    try:
        sbom = json.loads(sbom_path.read_text(encoding="utf-8"))
        full, unknown = completed(sbom, runtime, known_libraries(libraries_path), folders)
    except (OSError, ValueError, KeyError, TypeError, subprocess.CalledProcessError) as error:
        print(f"bundled: {sbom_path}, {libraries_path}: {error!r}", file=sys.stderr)
        return 2
    for name in unknown:
        print(f"bundled: nobody knows where {name} comes from: it may not be shipped", file=sys.stderr)
    if not unknown:
        sbom_path.write_text(json.dumps(full, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        print(
            f"bundled: {len(sbom['components'])} components of the environment, "
            f"{len(full['components'])} with what they bring"
        )
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
