"""Digest of the code that an evaluation runs: figures of another digest were made by another judgement."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import _fastfeat
from agent.config.schema import JudgementSettings

_ROOT: Final = Path(str(_fastfeat.__file__)).parents[1]
# Files and settings are read and kept elsewhere: a new setting is no new judgement.
_FOLLOWED: Final = ("enroll", "agent.engine")
_PROTOCOLS: Final = ("balabit", "sapimouse", "simulated", "stream", "sufficiency", "transfer")
# Detectors are found by their names; they and what fits them may all take part.
_BY_NAME: Final = ("agent/engine/detectors", "enroll/fit")
# Keeps figures and tells whose they are: no figure depends on it.
_BOOKKEEPING: Final = frozenset(("enroll.protocols.code_digest", "enroll.protocols.fold_parts"))


@cache
def judging_code() -> str:
    """SHA-256 of every module that a protocol imports of enrolment and engine, of the kernel, and of what ships.

    Comments, docstrings and layout do not count: they change no figure.

    Returns
    -------
    str
        Hexadecimal.
    """
    texts = {name: code_of(path.read_text(encoding="utf-8")) for name, path in _modules().items()}
    parts = [f"{name} {_digest(text.encode())}" for name, text in sorted(texts.items())]
    kernel = sorted(p for p in (_ROOT / "_fastfeat").iterdir() if p.suffix in (".py", ".pyx"))
    shipped = sorted((_ROOT / "enroll").rglob("*.background"))
    parts += [_digest(path.read_bytes()) for path in (*kernel, *shipped)]
    return _digest(" ".join([*parts, repr(JudgementSettings().intrusions_per_1000h)]).encode())


def code_of(source: str) -> str:
    """The source as a syntax tree without docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:]
    return ast.dump(tree)


def _modules() -> dict[str, Path]:
    """Files by module that the protocols import, themselves included, however far away."""
    waiting = [f"enroll.protocols.{name}" for name in _PROTOCOLS]
    waiting += [_name(path) for folder in _BY_NAME for path in (_ROOT / folder).glob("*.py")]
    paths: dict[str, Path] = {}
    while waiting:
        name = waiting.pop()
        path = _path(name)
        if name in paths or name in _BOOKKEEPING or path is None:
            continue
        paths[name] = path
        imported = _imported(ast.parse(path.read_text(encoding="utf-8")))
        waiting += [m for m in imported if m.startswith(tuple(f"{room}." for room in _FOLLOWED))]
    return paths


def _imported(tree: ast.Module) -> Iterator[str]:
    """Names of modules, and of what is taken from them, which may be modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _path(name: str) -> Path | None:
    """The module's file; None where it is none."""
    place = _ROOT.joinpath(*name.split("."))
    return _first_file((place.with_name(f"{place.name}.py"), place / "__init__.py"))


def _first_file(paths: Iterable[Path]) -> Path | None:
    return next((path for path in paths if path.is_file()), None)


def _name(path: Path) -> str:
    parts = path.relative_to(_ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
