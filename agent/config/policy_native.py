"""Policies as Windows and macOS hand them out. Neither has been run there: tests use scripted stand-ins.

Windows: ``HKLM\\Software\\Policies\\Steadyhand``, a sub-key a section, which only administrators can write;
recommendations below ``Recommended``. macOS: the managed preferences of a configuration profile.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from agent.config.options import all_options
from agent.engine.errors import SteadyhandError
from agent.files.administrators import read_administrators
from agent.files.options import Option

REGISTRY_KEY: Final = r"Software\Policies\Steadyhand"
# Values of a managed preferences file that the system itself puts there.
_SYSTEMS_OWN: Final = "Payload"


def registry_values(branch: str, registry: Any = None) -> tuple[str, dict[str, Any]]:
    """The policy in the registry, nested in sections; empty where there is none.

    Parameters
    ----------
    branch : str
        Sub-key below `REGISTRY_KEY`; empty for managed policy.
    registry : module, optional
        `winreg` or what stands in for it.

    Returns
    -------
    where : str
    sections : dict

    Raises
    ------
    SteadyhandError
        If the registry does not let it be read.
    """
    registry = registry or _winreg()
    top = REGISTRY_KEY + (f"\\{branch}" if branch else "")
    options = all_options()
    sections: dict[str, Any] = {}
    for section in dict.fromkeys(option.section for option in options.values()):
        try:
            # Of the two views of the registry the one that Group Policy writes, whatever this process is.
            with registry.OpenKey(
                registry.HKEY_LOCAL_MACHINE,
                f"{top}\\{section}",
                0,
                registry.KEY_READ | registry.KEY_WOW64_64KEY,
            ) as key:
                sections[section] = _values(registry, key, section, options)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise SteadyhandError(f"HKLM\\{top}\\{section}: {error}", "let this account read it") from error
    return f"HKLM\\{top}", sections


def preferences_values(path: Path, required_uid: int, most_bytes: int) -> dict[str, Any] | None:
    """The policy in a file of managed preferences, nested in sections; None where there is none.

    Raises
    ------
    SteadyhandError
        If it is not a property list, or anybody but `required_uid` could have written it.
    """
    if not os.path.lexists(path):
        return None
    # Only macOS has such files; elsewhere the agent does without the reader's memory.
    import plistlib
    from xml.parsers.expat import ExpatError

    content = read_administrators(path, path.parent, required_uid, most_bytes)
    try:
        sections = plistlib.loads(content)
    except (ValueError, plistlib.InvalidFileException, ExpatError, RecursionError) as error:
        raise SteadyhandError(
            f"{path} is not a property list ({error})", "install the profile anew"
        ) from error
    if not isinstance(sections, dict):
        raise SteadyhandError(f"{path} is not a table of sections", "install the profile anew")
    return {name: section for name, section in sections.items() if not name.startswith(_SYSTEMS_OWN)}


def _values(registry: Any, key: Any, section: str, options: Mapping[str, Option]) -> dict[str, Any]:
    """All values of one sub-key. Group Policy knows no truth values and no fractions: DWORDs and texts."""
    count = registry.QueryInfoKey(key)[1]
    entries = (registry.EnumValue(key, n) for n in range(count))
    return {name: _native(raw, options.get(f"{section}.{name}")) for name, raw, _ in entries}


def _native(raw: Any, option: Option | None) -> Any:
    if option is None:
        return raw
    if option.kind is bool and raw in (0, 1):
        return bool(raw)
    if option.kind is float and isinstance(raw, str):
        try:
            return float(raw)
        except ValueError:
            return raw  # refused with its own text, like every other bad value
    return raw


def _winreg() -> Any:
    try:
        return importlib.import_module("winreg")
    except ImportError as error:
        raise SteadyhandError("this system has no registry", "use policy files") from error
