#!/usr/bin/env python3
"""patch_ucrt.py WINE_DLL_FOLDER OUT.dll: a copy of Wine's ucrtbase.dll with the C99 complex functions that NumPy needs.

Wine 8.0 and 10.0 leave creal, cimag, cabs, carg and their kin as stubs that abort. For a test rig only. Needs pefile.
"""

import struct
import sys
from pathlib import Path

import pefile

RETURN = bytes.fromhex("c3")
REAL = bytes.fromhex("f20f1001")
IMAGINARY = bytes.fromhex("f20f104108")


def exports(path):
    """The library, its exported functions by name, and the addresses of those that are stubs."""
    library = pefile.PE(str(path), fast_load=True)
    library.parse_data_directories([0])
    addresses = {
        s.name.decode(): s.address
        for s in library.DIRECTORY_ENTRY_EXPORT.symbols
        if s.name and not s.forwarder
    }
    return library, addresses, {name: a for name, a in addresses.items() if is_stub(library.get_data(a, 40))}


def is_stub(code):
    """True for the code with which Wine reports a function that it does not have."""
    loads = (b"\x48\x8d\x15", b"\x48\x8d\x0d")
    return (
        code[:4] == b"\x48\x83\xec\x28" and code[4:7] in loads and code[11:14] in loads and code[18] == 0xE8
    )


def functions():
    """Machine code by name; with a second part the function that it jumps to."""
    code = {}
    for suffix in ("", "l"):
        code["creal" + suffix] = (REAL + RETURN, None)
        code["cimag" + suffix] = (IMAGINARY + RETURN, None)
        code["cabs" + suffix] = (REAL + bytes.fromhex("f20f104908"), "hypot")
        code["carg" + suffix] = (IMAGINARY + bytes.fromhex("f20f1009"), "atan2")
    code["crealf"] = (bytes.fromhex("660f6ec1") + RETURN, None)
    code["cimagf"] = (bytes.fromhex("48c1e920660f6ec1") + RETURN, None)
    code["cabsf"] = (bytes.fromhex("660f6ec148c1e920660f6ec9"), "_hypotf")
    code["cargf"] = (bytes.fromhex("660f6ec948c1e920660f6ec1"), "atan2f")
    return code


def main(folder, out):
    """Patch every stub that there is code for."""
    path = Path(folder, "ucrtbase.dll")
    library, addresses, stubs = exports(path)
    image = bytearray(path.read_bytes())
    patched = 0
    for name, (code, target) in functions().items():
        if name not in stubs:
            continue
        start = stubs[name]
        if target:
            code += b"\xe9" + struct.pack("<i", addresses[target] - (start + len(code) + 5))
        if len(code) > 24:
            raise SystemExit(f"{name}: {len(code)} bytes do not fit where its stub stands")
        offset = library.get_offset_from_rva(start)
        image[offset : offset + len(code)] = code
        patched += 1
    mark = image.find(b"Wine builtin DLL")
    image[mark : mark + 16] = b"Patched by hand\0"
    Path(out).write_bytes(image)
    print(f"windows-rig: {patched} functions of ucrtbase.dll patched")


if __name__ == "__main__":
    main(*sys.argv[1:])
