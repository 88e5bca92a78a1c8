"""Refuses a program whose manifest asks for uiAccess and that nobody signed: Windows would not start it.

Usage: ui_access.py PROGRAM. Reference (learn.microsoft.com): "PE Format", the attribute certificate table.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

CERTIFICATES = 4
"""The place of the certificate table among a program's data directories."""


def is_signed(program: bytes) -> bool:
    """Whether the program (PE32+) has a certificate table."""
    (header,) = struct.unpack_from("<I", program, 0x3C)
    directories = header + 24 + 112
    _, size = struct.unpack_from("<II", program, directories + 8 * CERTIFICATES)
    return bool(size)


def asks_for_ui_access(program: bytes) -> bool:
    """Whether its manifest, which is text within it, asks for uiAccess."""
    return b'uiAccess="true"' in program


def main(path: Path) -> int:
    """0 where Windows would start the program; else 1, and a line that says why."""
    program = path.read_bytes()
    if asks_for_ui_access(program) and not is_signed(program):
        print(
            f"packaging/windows: {path} asks for uiAccess and is not signed: set AUTHENTICODE_CERT and AUTHENTICODE_KEY"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
