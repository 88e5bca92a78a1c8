"""A program that asks for uiAccess is packed signed or not at all."""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).parents[2] / "packaging" / "windows" / "ui_access.py"
COMPILER = "x86_64-w64-mingw32-gcc"


def checked(program: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(CHECK), str(program)], capture_output=True, text=True, timeout=20, check=False
    )


def a_program(folder: Path, *, manifest: bool, signed: bool) -> Path:
    """The head of a PE32+ file, and a manifest after it."""
    head = bytearray(1024)
    struct.pack_into("<I", head, 0x3C, 0x80)
    head[0x80:0x84] = b"PE\0\0"
    struct.pack_into("<H", head, 0x80 + 24, 0x20B)
    if signed:
        struct.pack_into("<II", head, 0x80 + 24 + 112 + 32, 900, 64)
    wanted = "true" if manifest else "false"
    file = folder / "program.exe"
    file.write_bytes(
        bytes(head) + f'<requestedExecutionLevel level="asInvoker" uiAccess="{wanted}"/>'.encode()
    )
    return file


@pytest.mark.parametrize(
    ("manifest", "signed", "code"), [(True, True, 0), (True, False, 1), (False, False, 0), (False, True, 0)]
)
def test_ui_access_needs_a_signature(tmp_path: Path, manifest: bool, signed: bool, code: int) -> None:
    done = checked(a_program(tmp_path, manifest=manifest, signed=signed))
    assert done.returncode == code, done.stderr
    assert ("AUTHENTICODE_CERT" in done.stdout) == bool(code)


@pytest.mark.skipif(
    not (shutil.which(COMPILER) and shutil.which("osslsigncode")), reason="needs MinGW and osslsigncode"
)
def test_a_real_program_is_refused_until_it_is_signed(tmp_path: Path) -> None:
    (tmp_path / "p.c").write_text("int main(void) { return 0; }\n")
    (tmp_path / "p.manifest").write_text(
        '<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">'
        '<trustInfo xmlns="urn:schemas-microsoft-com:asm.v3"><security><requestedPrivileges>'
        '<requestedExecutionLevel level="asInvoker" uiAccess="true"/>'
        "</requestedPrivileges></security></trustInfo></assembly>"
    )
    (tmp_path / "p.rc").write_text('1 24 "p.manifest"\n')
    for command in (
        ["x86_64-w64-mingw32-windres", "p.rc", "r.o"],
        [COMPILER, "-o", "p.exe", "p.c", "r.o"],
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            "k",
            "-out",
            "c",
            "-subj",
            "/CN=t",
        ],
        ["osslsigncode", "sign", "-certs", "c", "-key", "k", "-in", "p.exe", "-out", "signed.exe"],
    ):
        subprocess.run(command, cwd=tmp_path, check=True, timeout=60, capture_output=True)
    assert checked(tmp_path / "p.exe").returncode == 1
    assert checked(tmp_path / "signed.exe").returncode == 0
