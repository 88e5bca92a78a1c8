"""Rules of the house that no linter has: names that say nothing, class names used twice, long functions and files."""

from __future__ import annotations

import ast
import io
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOMS = ("agent", "enroll", "_fastfeat", "bench")
MOST_FUNCTION_LINES = 30
MOST_FILE_LINES = 250
FILLER_NAMES = frozenset(
    [
        "told",
        "found",
        "kept",
        "said",
        "given",
        "one",
        "thing",
        "things",
        "stuff",
        "info",
        "data",
        "value",
        "values",
        "result",
        "results",
    ]
)


@dataclass(frozen=True, slots=True)
class Offence:
    """One breach of a rule.

    Attributes
    ----------
    rule : str
        ``filler-name``, ``class-twice``, ``long-function`` or ``long-file``: a table of the allow-list.
    subject : str
        What the allow-list names: a file, ``file:function`` or a class.
    size : int
        Uses, definitions or lines.
    """

    rule: str
    subject: str
    size: int


def offences(root: Path) -> list[Offence]:
    """Every breach in the source of the project, in a fixed order."""
    sources = {
        path: path.read_text(encoding="utf-8")
        for room in ROOMS
        for path in sorted((root / room).rglob("*.py"))
    }
    trees = {path.relative_to(root).as_posix(): ast.parse(text) for path, text in sources.items()}
    out: list[Offence] = []
    for path, text in sources.items():
        name = path.relative_to(root).as_posix()
        lines = len(text.splitlines())
        if lines > MOST_FILE_LINES:
            out.append(Offence("long-file", name, lines))
        code = code_lines(text)
        out += _long_functions(name, trees[name], code)
        if uses := sum(bound in FILLER_NAMES for bound in bound_names(trees[name])):
            out.append(Offence("filler-name", name, uses))
    out += _class_names(trees)
    return sorted(out, key=lambda offence: (offence.rule, offence.subject))


def bound_names(tree: ast.AST) -> Iterator[str]:
    """Every variable that is assigned, every parameter and every field of a class, once for each place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


def code_lines(text: str) -> frozenset[int]:
    """Numbers of the lines that hold code: no comment, no blank line, no docstring."""
    ignored = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
    numbers: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in ignored:
            numbers.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        is_text = (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        )
        if is_text:
            numbers.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return frozenset(numbers)


def _long_functions(name: str, tree: ast.AST, code: frozenset[int]) -> Iterator[Offence]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = len(code.intersection(range(node.lineno, (node.end_lineno or node.lineno) + 1)))
            if lines > MOST_FUNCTION_LINES:
                yield Offence("long-function", f"{name}:{node.name}", lines)


def _class_names(trees: dict[str, ast.Module]) -> Iterator[Offence]:
    homes: dict[str, list[str]] = defaultdict(list)
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(name)
    for name, files in homes.items():
        if len(files) > 1:
            yield Offence("class-twice", name, len(files))


def judged(found: Iterable[Offence], allowed: dict[str, dict[str, int]]) -> list[str]:
    """What to mend, a line each; the allow-list may only shrink.

    Parameters
    ----------
    found : iterable of Offence
    allowed : mapping
        By rule and subject, the size that is allowed.
    """
    lines: list[str] = []
    left = {(rule, subject): size for rule, subjects in allowed.items() for subject, size in subjects.items()}
    for offence in found:
        most = left.pop((offence.rule, offence.subject), 0)
        if offence.size > most:
            lines.append(
                f"{offence.rule}: {offence.subject} has {offence.size}, and {most or 'none'} allowed"
            )
        elif offence.size < most:
            lines.append(
                f"{offence.rule}: {offence.subject} has {offence.size}: lower its {most} in the allow-list"
            )
    lines += [f"{rule}: {subject} is mended: take it off the allow-list" for rule, subject in left]
    return lines
