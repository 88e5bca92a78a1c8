"""Start environment: variables that load foreign code into the agent, or change whom it speaks to.

A library that is loaded already can hide from this and stop the restart: what a program of the same user does to the
agent is made visible where it takes no trouble, not prevented.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import agent
from agent.frozen import is_frozen

LOG: Final = logging.getLogger(__name__)

_REMOVED: Final = "STEADYHAND_STARTED_WITH"
_LIBRARIES: Final = "LD_LIBRARY_PATH"
_NAMES_ONLY: Final = ("GTK_MODULES", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LC_TIME")
"""With a slash they are paths: of modules, or of translations, whose formats the C library fills."""
_LOADER: Final = (
    "DYLD_FRAMEWORK_PATH",
    "DYLD_INSERT_LIBRARIES",
    "DYLD_LIBRARY_PATH",
    "GCONV_PATH",
    "GDK_PIXBUF_MODULEDIR",
    "GDK_PIXBUF_MODULE_FILE",
    "GIO_EXTRA_MODULES",
    "GIO_MODULE_DIR",
    "GI_TYPELIB_PATH",
    "GTK_EXE_PREFIX",
    "GTK_IM_MODULE_FILE",
    *_NAMES_ONLY,
    "GTK_PATH",
    "LD_AUDIT",
    _LIBRARIES,
    "LD_PRELOAD",
    "LOCPATH",
    "OPENSSL_CONF",
    "OPENSSL_ENGINES",
    "OPENSSL_MODULES",
)
_INTERPRETER: Final = (
    "PYTHONBREAKPOINT",
    "PYTHONEXECUTABLE",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONPLATLIBDIR",
    "PYTHONPYCACHEPREFIX",
    "PYTHONSTARTUP",
    "PYTHONUSERBASE",
    "PYTHONWARNINGS",
)
_CONNECTIONS: Final = ("HOSTALIASES", "LOCALDOMAIN", "SSLKEYLOGFILE", "SSL_CERT_DIR", "SSL_CERT_FILE")
"""They say where alerts go, whose receivers are believed, and who may read them on their way."""
_STAYS: Final = "PYTHONPATH"
"""A checkout may be run by it: it is reported and left."""
_PROGRAM: Final = Path(agent.__file__).parents[1]


@dataclass(frozen=True, slots=True)
class StartFindings:
    """What somebody may have done to the agent by the environment that it was started with, a line each.

    Attributes
    ----------
    foreign_code : tuple of str
        What loads foreign code into it, as `clean_start` gives it.
    foreign_session : tuple of str
        What was another session's, as `agent.host.select.correct_environment` gives it.
    """

    foreign_code: tuple[str, ...] = ()
    foreign_session: tuple[str, ...] = ()


UNTOUCHED: Final = StartFindings()


Execute = Callable[[str, list[str], dict[str, str]], object]


def clean_start(
    environ: Mapping[str, str],
    execute: Execute = os.execve,
    at_start: Path = Path("/proc/self/environ"),
) -> tuple[str, ...]:
    """Start this program again without variables that load code or redirect it; where there are none, go on.

    Parameters
    ----------
    environ : mapping
        The environment now.
    execute : callable
        Replaces this process; as `os.execve`.
    at_start : Path
        The environment that the kernel handed over: a library can have removed its own trace from the other.

    Returns
    -------
    tuple of str
        A line for each thing to report.
    """
    if os.name != "posix":
        return ()
    handed_over = _handed_over(at_start)
    present = sorted({*_foreign(environ), *(set(_foreign(handed_over)) - _own_libraries())})
    known = {*_LOADER, *_INTERPRETER, *_CONNECTIONS}
    removed_before = sorted(known & set(environ.get(_REMOVED, "").split(",")))
    to_remove = [name for name in present if name != _STAYS]
    if set(to_remove) - set(removed_before):
        _restart(environ, to_remove, execute)
    removed = [name for name in removed_before if name not in present]
    return (
        *_lines(removed, "it was started with {names}, which {effect}, and started itself again without"),
        *_lines(present, "it runs with {names}, which {effect}"),
    )


def _lines(names: Iterable[str], template: str) -> list[str]:
    """A line on the variables that load code, and one on those that concern connections; none where there are none."""
    groups: dict[str, list[str]] = {}
    for name in names:
        effect = "changes whom it speaks to" if name in _CONNECTIONS else "loads foreign code into it"
        groups.setdefault(effect, []).append(name)
    return [template.format(names=", ".join(group), effect=effect) for effect, group in groups.items()]


def _restart(environ: Mapping[str, str], names: Iterable[str], execute: Execute) -> None:
    clean = {name: text for name, text in environ.items() if name not in names}
    clean[_REMOVED] = ",".join(names)
    words = [sys.executable, *sys.argv[1:]] if is_frozen() else [sys.executable, *sys.orig_argv[1:]]
    try:
        execute(sys.executable, words, clean)
    except OSError as error:
        LOG.warning("cannot start again without %s: %s", clean[_REMOVED], error)


def _foreign(environ: Mapping[str, str]) -> list[str]:
    """The names of what is set, and loads code or concerns connections."""
    # A packed program's interpreter does not look at its variables.
    interpreter = () if is_frozen() else (*_INTERPRETER, _STAYS)
    names = (*_LOADER, *interpreter, *_CONNECTIONS)
    return [name for name in names if environ.get(name) and _is_foreign(name, environ[name])]


def _is_foreign(name: str, text: str) -> bool:
    """Names of the system's own modules and languages, and this program's own folder, add no code."""
    if name in _NAMES_ONLY:
        return "/" in text
    return name != _STAYS or any(Path(folder) != _PROGRAM for folder in text.split(os.pathsep))


def _own_libraries() -> set[str]:
    """PyInstaller's loader sets its own folder of libraries before the program begins."""
    return {_LIBRARIES} if is_frozen() else set()


def _handed_over(file: Path) -> dict[str, str]:
    """The environment at the start; empty where the system does not show it."""
    try:
        entries = os.fsdecode(file.read_bytes()).split("\0")
    except OSError as error:
        LOG.debug("the environment at the start is not shown: %s", error)
        return {}
    return {name: text for name, _, text in (entry.partition("=") for entry in entries)}
