"""Commands that speak with the running agent: status, was-me, pause, resume, enrol, drill, open."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from agent.commands.exit_codes import DONE, FOUND_WRONG
from agent.commands.running_arguments import DRILL_CONSENT
from agent.engine.visible_text import visible, visible_lines
from agent.files.paths import Paths

if TYPE_CHECKING:
    from agent.runtime.status.snapshot import Status


def status(options: argparse.Namespace) -> int:
    """What the running agent sees, as text, JSON or a page; or the policy that holds.

    What is damaged is told on standard error, a line a file, and the rest is shown.
    """
    from agent.runtime.status.status_file import read_status

    paths = Paths.of_user()
    if options.policy:
        return _policy(paths, as_json=options.json)
    status = read_status(paths.status_file, paths.lock_file)
    if options.page:
        from agent.language.language import preferred_language
        from agent.ui.without_tray import write_status_page

        trouble = write_status_page(options.page, status, paths, preferred_language())
        print(f"the status page is in {visible(str(options.page))}")
    else:
        trouble = _show_status(status, paths, as_json=options.json)
    _tell(trouble)
    return DONE if status["running"] and not trouble else FOUND_WRONG


def _show_status(status: dict[str, Any], paths: Paths, *, as_json: bool) -> tuple[str, ...]:
    """Print the status; returns what could not be read of it."""
    from agent.runtime.status.snapshot import Status
    from agent.runtime.status.status_file import damage_line

    legible, damage = Status.legible(status)
    if as_json:
        print(json.dumps(status, indent=2, ensure_ascii=False))
    else:
        print("\n".join(_status_lines(status, legible, damage)))
    return damage_line(paths.status_file, damage)


def _tell(trouble: tuple[str, ...]) -> None:
    for line in trouble:
        print(f"steadyhand: {visible(line)}", file=sys.stderr)


def _status_lines(status: dict[str, Any], legible: Status, damage: Mapping[str, str]) -> Iterator[str]:
    """One line a key; a list, and the mouse, continue below."""
    width = max(len(name) for name in (*legible.to_json(), "running"))
    for name, content in status.items():
        lines: tuple[str, ...]
        if name in damage:
            lines = (f"cannot be read: {damage[name]}",)
        elif name == "configuration" and legible.configuration:
            lines = legible.configuration.lines()
        elif name == "sufficiency" and legible.sufficiency:
            lines = (legible.sufficiency.line(),)
        else:
            listed = content if isinstance(content, list) else [] if content is None else [content]
            lines = tuple(map(str, listed))
        shown = f"\n{'':<{width}}  ".join(map(visible, lines))
        yield f"{visible(name).replace('_', ' '):<{width}}  {shown or '-'}"


def _policy(paths: Paths, *, as_json: bool) -> int:
    from agent.config.effective_configuration import policy_lines, policy_report
    from agent.config.loading import load_configuration

    configuration = load_configuration(paths, strict=False)
    if as_json:
        print(json.dumps(policy_report(configuration, paths), indent=2, ensure_ascii=False))
    else:
        print(visible_lines(policy_lines(configuration, paths)))
    return FOUND_WRONG if configuration.problems else DONE


def ask_agent(options: argparse.Namespace) -> int:
    """Have the running agent do what its tray offers."""
    from agent.runtime.response.command_client import send_request
    from agent.runtime.response.command_protocol import Request

    reply = send_request(Paths.of_user().command_socket, Request(options.request))
    print(visible(reply.message))
    return DONE if reply.done else FOUND_WRONG


def drill(options: argparse.Namespace) -> int:
    """Ask for consent and begin a drill, or show what all drills add up to."""
    from agent.files.drill_log import read_drills
    from agent.runtime.status.drill_report import DrillReport

    paths = Paths.of_user()
    if options.results:
        report = DrillReport.of(read_drills(paths.drills_file))
        print(json.dumps(report.to_json(), indent=2) if options.json else "\n".join(report.lines()))
        return DONE
    print(DRILL_CONSENT)
    if not _agreed():
        print("no drill was begun")
        return FOUND_WRONG
    options.request = "drill"
    return ask_agent(options)


def _agreed() -> bool:
    """True on a typed yes; without anybody at a terminal nobody agrees."""
    try:
        return input("Do both of you agree? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def open_page(_options: argparse.Namespace) -> int:
    """Write the status page and open it in the browser."""
    from agent.language.language import preferred_language
    from agent.runtime.status.status_file import read_status
    from agent.ui.viewer import launch_detached, opener
    from agent.ui.without_tray import write_status_page

    paths = Paths.of_user()
    page = paths.pages_dir / "status.html"
    status = read_status(paths.status_file, paths.lock_file)
    _tell(write_status_page(page, status, paths, preferred_language()))
    command = opener()
    if command:
        launch_detached((*command, str(page)))
    print(f"the status page is in {page}")
    return DONE if command else FOUND_WRONG
