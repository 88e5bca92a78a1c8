"""Finds the commands in the documents.

A fence marked ``console`` holds commands behind ``$ ``, further lines of one behind ``> ``, and what they print;
``...`` stands for anything, on a line of its own for any number of lines. Behind the word may stand ``exit=1`` (the
code that the last command ends with) or ``not-run="why"`` for what needs root, a desktop or hours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[2]
FENCE: Final = re.compile(r"^```(\S*)[ \t]*(.*?)\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
INLINE: Final = re.compile(r"`((?:steadyhand|steadyhand-enroll|python -m (?:agent|enroll)|make) [^`\n]+)`")
TYPED: Final = re.compile(
    r"^(?:[$#] )?(?:sudo |apt-get |pip |make |python3? |systemctl |steadyhand)\S*.*$|^\$ .*$", re.MULTILINE
)
SHELLS: Final = ("bash", "shell", "zsh", "shell-session", "sh-session")
LINK: Final = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")
STRAY: Final = re.compile(r"^ {4,}(?:\$ |sudo |make |python |steadyhand)\S*.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Command:
    """One command with what it prints.

    Attributes
    ----------
    line : str
        For the shell; may hold line breaks.
    printed : tuple of str
        Expected lines; none where the document shows none.
    """

    line: str
    printed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One fence.

    Attributes
    ----------
    where : str
        File and line, for messages.
    commands : tuple of Command
    code : int
        What the last command ends with.
    not_run : str
        Why not; empty where it is run.
    """

    where: str
    commands: tuple[Command, ...]
    code: int
    not_run: str


def documents() -> tuple[Path, ...]:
    """Every document of the repository."""
    return (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md")))


def blocks(path: Path) -> tuple[Block, ...]:
    """The fences of a document that hold commands.

    Raises
    ------
    ValueError
        If one is marked in a way that is not known.
    """
    text = path.read_text(encoding="utf-8")
    return tuple(_blocks(path.name, text))


def _blocks(name: str, text: str) -> Iterator[Block]:
    for found in FENCE.finditer(text):
        language, marks, body = found.groups()
        if language not in ("console", "sh"):
            continue
        where = f"{name}:{text.count(chr(10), 0, found.start()) + 1}"
        code = re.fullmatch(r"exit=(\d)", marks)
        why = re.fullmatch(r'not-run="([^"]{10,})"', marks)
        if marks and not (code or why):
            raise ValueError(f'{where}: {marks!r} is neither exit=N nor not-run="a reason"')
        commands = tuple(_console(body)) if language == "console" else (Command(body.strip(), ()),)
        yield Block(where, commands, int(code[1]) if code else 0, why[1] if why else "")


def _console(body: str) -> Iterator[Command]:
    line, printed = "", list[str]()
    for text in body.splitlines():
        if text.startswith("> ") and line and not printed:
            line += "\n" + text.removeprefix("> ")
        elif text.startswith("$ "):
            if line:
                yield Command(line, tuple(printed))
            line, printed = text.removeprefix("$ "), []
        else:
            printed.append(text)
    if line:
        yield Command(line, tuple(printed))


def mismatch(expected: tuple[str, ...], told: str) -> str:
    """The first expected line that is not in `told` where it must be; empty where all are."""
    left = told.splitlines()
    skipping = False
    for line in expected:
        if line.strip() == "...":
            skipping = True
            continue
        pattern = re.compile(".*".join(re.escape(part) for part in line.rstrip().split("...")))
        places = [n for n, text in enumerate(left) if pattern.fullmatch(text.rstrip())]
        if not places or (places[0] > 0 and not skipping):
            return line
        left = left[places[0] + 1 :]
        skipping = False
    return ""


def inline_commands(path: Path) -> tuple[str, ...]:
    """Commands within sentences and tables."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    return tuple(found[1] for found in INLINE.finditer(text))


def stray_commands(path: Path) -> tuple[str, ...]:
    """What looks like a command to type and stands in no fence."""
    return tuple(STRAY.findall(FENCE.sub("", path.read_text(encoding="utf-8"))))


def hidden_commands(path: Path) -> tuple[str, ...]:
    """What looks like a command to type in a fence that no test runs and that gives no reason."""
    found = []
    for language, _, body in FENCE.findall(path.read_text(encoding="utf-8")):
        if language in SHELLS:
            found.append(f"```{language}")
        elif language not in ("console", "sh"):
            found += TYPED.findall(body)
    return tuple(found)


def links(path: Path) -> tuple[str, ...]:
    """Addresses of other files of the repository."""
    return tuple(LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8"))))
