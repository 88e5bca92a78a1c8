"""Whether the computer's own processor can run the machine (KVM), or every instruction is translated (TCG)."""

from __future__ import annotations

import subprocess
from pathlib import Path

KVM = ("-accel", "kvm", "-cpu", "host,arch-capabilities=off")
TCG = ("-accel", "tcg,thread=multi,tb-size=1024", "-cpu", "max")
# A kernel with nothing to start panics at once, which ends QEMU.
_NOTHING = "console=ttyS0 quiet panic=-1 rdinit=/nothing root=/nothing"
_BOOT_S = 20.0


def acceleration(folder: Path) -> tuple[str, ...]:
    """QEMU's words for the faster way that boots the kernel in `folder`: a KVM that answers may still boot none."""
    return KVM if Path("/dev/kvm").exists() and boots(folder, KVM, _BOOT_S) else TCG


def boots(folder: Path, words: tuple[str, ...], within_s: float) -> bool:
    """True where the kernel comes as far as looking for something to start within this time."""
    command = ["qemu-system-x86_64", *words, "-m", "512", "-display", "none", "-no-reboot", "-nodefaults"]
    command += [
        "-kernel",
        str(folder / "vmlinuz"),
        "-append",
        _NOTHING,
        "-serial",
        "stdio",
        "-monitor",
        "none",
    ]
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=within_s, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode == 0 and "Kernel panic" in ended.stdout
