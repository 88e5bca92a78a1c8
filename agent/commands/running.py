"""Commands that speak with the running agent: status, was-me, pause, resume, enrol, drill, open."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

from agent.commands.exit_codes import DONE, FOUND_WRONG
from agent.commands.running_arguments import DRILL_CONSENT
from agent.engine.mouse import MouseConfiguration
from agent.engine.sufficiency import Sufficiency
from agent.files.paths import Paths


def status(options: argparse.Namespace) -> int:
    """What the running agent sees, as text, JSON or a page; or the policy that holds."""
    from agent.runtime.status.status_file import read_status

    paths = Paths.of_user()
    if options.policy:
        return _policy(paths, as_json=options.json)
    status = read_status(paths.status_file, paths.lock_file)
    if options.page:
        from agent.ui.without_tray import write_status_page

        write_status_page(options.page, status, paths)
        print(f"the status page is in {options.page}")
    elif options.json:
        print(json.dumps(status, indent=2, ensure_ascii=False))
    else:
        print("\n".join(_status_lines(status)))
    return DONE if status["running"] else FOUND_WRONG


def _status_lines(status: dict[str, Any]) -> Iterator[str]:
    """One line a key; a list, and the mouse, continue below."""
    width = max(map(len, status))
    for name, content in status.items():
        continuation = f"\n{'':<{width}}  "
        shown = continuation.join(content) if isinstance(content, list) else content
        if name == "configuration" and content:
            shown = continuation.join(_mouse_lines(content))
        if name == "sufficiency" and content:
            shown = _sufficiency_line(content)
        yield f"{name.replace('_', ' '):<{width}}  {'-' if shown in (None, '') else shown}"


def _mouse_lines(stored: dict[str, Any]) -> tuple[str, ...]:
    """The properties of the mouse, each with its source."""
    try:
        return MouseConfiguration.from_json(stored).lines()
    except ValueError as error:
        return (f"written by another version: {error}",)


def _sufficiency_line(stored: dict[str, Any]) -> str:
    """Whether there is enough to learn from."""
    try:
        return Sufficiency.from_json(stored).line()
    except ValueError as error:
        return f"written by another version: {error}"


def _policy(paths: Paths, *, as_json: bool) -> int:
    from agent.config.effective_configuration import policy_lines, policy_report
    from agent.config.loading import load_configuration

    configuration = load_configuration(paths, strict=False)
    if as_json:
        print(json.dumps(policy_report(configuration, paths), indent=2, ensure_ascii=False))
    else:
        print("\n".join(policy_lines(configuration, paths)))
    return FOUND_WRONG if configuration.problems else DONE


def ask_agent(options: argparse.Namespace) -> int:
    """Have the running agent do what its tray offers."""
    from agent.runtime.response.command_client import send_request
    from agent.runtime.response.command_protocol import Request

    reply = send_request(Paths.of_user().command_socket, Request(options.request))
    print(reply.message)
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
    from agent.runtime.status.status_file import read_status
    from agent.ui.viewer import launch_detached, opener
    from agent.ui.without_tray import write_status_page

    paths = Paths.of_user()
    page = paths.pages_dir / "status.html"
    write_status_page(page, read_status(paths.status_file, paths.lock_file), paths)
    command = opener()
    if command:
        launch_detached((*command, str(page)))
    print(f"the status page is in {page}")
    return DONE if command else FOUND_WRONG
