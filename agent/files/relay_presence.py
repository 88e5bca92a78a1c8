"""Presence of the relay on this computer: its names on Windows, and whether it is installed."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any, Final

from agent.files.administrators_dir import system_administrators_dir
from agent.files.pipe_endpoints import is_pipe_name, pipe_name

SERVICE: Final = "SteadyhandRelay"
"""The Windows service, and its account ``NT SERVICE\\SteadyhandRelay``."""
PIPE: Final = pipe_name("steadyhand-relay")
START: Final = f"sc start {SERVICE}" if sys.platform == "win32" else "systemctl enable --now steadyhand-relay"
"""What an administrator types to start it."""
_SERVICES: Final = rf"SYSTEM\CurrentControlSet\Services\{SERVICE}"


def relay_address(administrators_dir: Path) -> Path:
    """Where the relay listens: its pipe on Windows, its socket elsewhere; beside the policies where those are moved."""
    if administrators_dir == Path("/etc/steadyhand"):
        return Path("/run/steadyhand/relay")
    if sys.platform == "win32" and administrators_dir == system_administrators_dir():
        return Path(PIPE)
    return administrators_dir / "relay"


def relay_is_installed(path: Path, registry: Any = None) -> bool:
    """Whether alerts go through a relay here.

    On Windows it is the service that counts, which administrators alone install: its pipe may be missing for a moment,
    and looking at that would take a place of it.

    Parameters
    ----------
    path : Path
        The relay's socket or pipe.
    registry : module, optional
        `winreg` or what stands in for it.
    """
    if not is_pipe_name(str(path)):
        return path.exists()
    windows: Any = registry or importlib.import_module("winreg")
    try:
        windows.OpenKey(windows.HKEY_LOCAL_MACHINE, _SERVICES).Close()
    except FileNotFoundError:
        return False
    except OSError:
        return True  # it is there, and closed to this account
    return True
