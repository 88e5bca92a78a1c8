"""Digest of the code that an evaluation runs: figures of another digest were made by another judgement."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path
from typing import Final

import _fastfeat
import agent.engine
import enroll
from agent.config.schema import JudgementSettings

# Rooms of the package that take no part in a protocol: they present figures, parse options or keep an office's folder.
_NO_PART: Final = frozenset(("arguments", "commands", "office", "overview", "report"))


@cache
def judging_code() -> str:
    """SHA-256 of kernel, engine, enrolment and protocols, with the default judgement.

    Comments, docstrings and layout do not count: they change no figure.

    Returns
    -------
    str
        Hexadecimal.
    """
    package = _folder(enroll)
    protocols = [p for p in package.rglob("*.py") if p.relative_to(package).parts[0] not in _NO_PART]
    parts = [*map(_code, sorted(protocols)), *map(_code, sorted(_folder(agent.engine).rglob("*.py")))]
    kernel = sorted(p for p in _folder(_fastfeat).iterdir() if p.suffix in (".py", ".pyx"))
    parts += [_bytes(p) for p in kernel]
    parts += [_bytes(p) for p in sorted(package.rglob("*.background"))]
    return hashlib.sha256("".join([*parts, repr(JudgementSettings())]).encode()).hexdigest()


def code_of(source: str) -> str:
    """The source as a syntax tree without docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:]
    return ast.dump(tree)


def _code(path: Path) -> str:
    return hashlib.sha256(code_of(path.read_text(encoding="utf-8")).encode()).hexdigest()


def _bytes(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _folder(package: object) -> Path:
    return Path(str(package.__file__)).parent  # type: ignore[attr-defined]
