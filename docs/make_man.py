"""Write the man pages of both commands from their parsers: `python -m docs.make_man FOLDER`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from agent.cli import parser as agent_parser
from agent.files.version import agent_version
from enroll.cli import _parser as enroll_parser


def man_page(parser: argparse.ArgumentParser) -> str:
    """The page of one program, with every command and option, in roff."""
    lines = [f'.TH {parser.prog.upper()} 1 "" "Steadyhand {agent_version()}"', ".SH NAME"]
    lines += [f"{parser.prog} \\- {_plain(parser.description or '')}", ".SH SYNOPSIS"]
    lines += [_plain(" ".join(parser.format_usage().removeprefix("usage: ").split()))]
    lines += [".SH OPTIONS", *_options(parser), ".SH COMMANDS", *_commands(parser)]
    lines += [".SH EXAMPLES", ".nf", _plain(parser.epilog or ""), ".fi"]
    lines += [".SH SEE ALSO", "/usr/share/doc/steadyhand/docs"]
    return "\n".join(lines) + "\n"


def _commands(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            abouts = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, command in action.choices.items():
                yield f".SS {_plain(command.prog.split(' ', 1)[-1])}"
                yield _plain(command.description or abouts.get(name, name))
                yield from _options(command)
                yield from _commands(command)


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction | argparse._HelpAction):
            continue
        metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
        named = ", ".join(action.option_strings) or metavar
        takes = f" {metavar}" if action.option_strings and action.nargs != 0 else ""
        yield ".TP"
        yield f"\\fB{_plain(named)}\\fR{_plain(takes)}"
        yield _plain((action.help or "") % {"default": action.default, "prog": parser.prog})


def _plain(text: str) -> str:
    """Text that roff leaves as it is."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    escaped = "".join(c if c.isascii() else f"\\[u{ord(c):04X}]" for c in escaped)
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in escaped.splitlines())


def main() -> int:
    """Write both pages into the folder that is named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for parser in (agent_parser(), enroll_parser()):
        (folder / f"{parser.prog}.1").write_text(man_page(parser), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
