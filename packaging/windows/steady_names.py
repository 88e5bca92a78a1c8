"""Gives the folders in wixl-heat's description names that are made of their paths: it makes them up anew each time.

Usage: steady_names.py <libraries.wxs >steady.wxs
"""

from __future__ import annotations

import hashlib
import re
import sys
import xml.etree.ElementTree as ET

_NAMESPACE = "{http://schemas.microsoft.com/wix/2006/wi}"


def folder_names(element: ET.Element, above: str = "") -> dict[str, str]:
    """The new name of every folder below `element`, by its old one."""
    names = {}
    for folder in (
        element.iter(f"{_NAMESPACE}DirectoryRef") if not above else element.findall(f"{_NAMESPACE}Directory")
    ):
        path = f"{above}/{folder.get('Name', folder.get('Id'))}"
        if above:
            names[folder.get("Id", "")] = "dir" + hashlib.sha256(path.encode()).hexdigest()[:32].upper()
        names |= folder_names(folder, path)
    return names


def main() -> None:
    """Rewrite standard input to standard output."""
    description = sys.stdin.read()
    names = folder_names(ET.fromstring(description))
    sys.stdout.write(re.sub(r"dir[0-9A-F]{32}", lambda match: names.get(match[0], match[0]), description))


if __name__ == "__main__":
    main()
