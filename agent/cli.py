"""The `steadyhand` command: what the person at the computer runs."""

from __future__ import annotations

import argparse
import json
import logging
import os
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from agent.arguments import DRILL_CONSENT, build_parser
from agent.completion import complete
from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.engine.sufficiency import Sufficiency
from agent.files.paths import Paths
from agent.host.account import account_name
from agent.host.servicemanager import ServiceManager
from agent.standard_streams import is_broken_pipe, provide_streams

DONE, FOUND_WRONG, CALLED_WRONGLY = 0, 1, 2
TRY_AGAIN_S = 30.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 found something wrong, 2 called wrongly."""
    provide_streams()
    options = parser().parse_args(argv)
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.WARNING,
        format="%(asctime)s %(name)s %(levelname)s %(message)s",
    )
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except SteadyhandError as error:
        print(f"steadyhand: {error}", file=sys.stderr)
        return CALLED_WRONGLY
    except KeyboardInterrupt:
        return FOUND_WRONG
    except OSError as error:
        if not is_broken_pipe(error):
            raise
        # The reader has seen enough (`| head`). Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FOUND_WRONG
    return code


def _run(options: argparse.Namespace) -> int:
    if options.source:
        from agent.runtime.pipeline.replay import replay

        return replay(
            Paths.of_user(),
            options.source,
            user=account_name(),
            speed=options.speed,
            as_json=options.json,
            show=print,
        )
    from agent.ui.main import run_agent

    try:
        return run_agent(Paths.of_user(), tray=not options.no_tray, say=partial(print, flush=True))
    except SteadyhandError as error:
        _wait_before_the_next_try(ServiceManager(), error)
        raise


def _wait_before_the_next_try(manager: ServiceManager, error: SteadyhandError) -> None:
    """Under a service manager, which starts it again at once and for ever: a broken setting must not cost a core."""
    if manager.restarts_us:
        manager.failed(str(error))
        time.sleep(TRY_AGAIN_S)


def _status(options: argparse.Namespace) -> int:
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


def _config(_options: argparse.Namespace) -> int:
    from agent.config.settings_template import default_toml

    print(default_toml(), end="")
    return DONE


def _ask_agent(options: argparse.Namespace) -> int:
    from agent.runtime.response.command_client import send_request
    from agent.runtime.response.command_protocol import Request

    reply = send_request(Paths.of_user().command_socket, Request(options.request))
    print(reply.message)
    return DONE if reply.done else FOUND_WRONG


def _drill(options: argparse.Namespace) -> int:
    from agent.files.drill_log import read_drills
    from agent.runtime.status.drill_report import DrillReport

    paths = Paths.of_user()
    if options.results:
        report = DrillReport.of(read_drills(paths.drills_file))
        print(json.dumps(report.to_json(), indent=2) if options.json else "\n".join(report.lines()))
        return DONE
    print(DRILL_CONSENT)
    if input("Do both of you agree? [y/N] ").strip().lower() not in ("y", "yes"):
        print("no drill was begun")
        return FOUND_WRONG
    options.request = "drill"
    return _ask_agent(options)


def _open(_options: argparse.Namespace) -> int:
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


def _doctor(options: argparse.Namespace) -> int:
    from agent.doctor import examine

    findings = examine(Paths.of_user(), test_lock=options.test_lock, test_alert=options.test_alert)
    if options.json:
        print(json.dumps([finding.to_json() for finding in findings], indent=2, ensure_ascii=False))
    else:
        for finding in findings:
            print(finding.line())
    return FOUND_WRONG if any(finding.is_broken for finding in findings) else DONE


def _demo(options: argparse.Namespace) -> int:
    from agent.demo.demo import run_demo

    return run_demo(here=options.here, data=options.data, out=options.out, show=print)


def _recordings(options: argparse.Namespace) -> int:
    from agent.files.recordings import list_recordings
    from agent.files.sealing import SEALED

    paths = Paths.of_user()
    folder = paths.recordings_dir
    listed = (*list_recordings(folder), *list_recordings(paths.outgoing_dir, SEALED))
    erased = None
    if options.erase and listed and not options.dry_run:
        from agent.host.select import services
        from agent.runtime.learning.erase import erase_as_owner

        erased = erase_as_owner(paths, listed, services(()).reauthentication)
    if options.json:
        files = [{"name": recording.path.name, "bytes": recording.size_bytes} for recording in listed]
        report = {"folder": str(folder), "recordings": files, "erased": erased or 0}
        print(json.dumps(report, indent=2, ensure_ascii=False))
        return DONE
    if erased is not None:
        print(f"erased {erased} recordings in {folder}")
        return DONE
    for recording in listed:
        print(f"{recording.path.name}  {recording.size_bytes:>12,} bytes")
    if not listed:
        print(f"no recordings in {folder}")
    elif options.erase:
        print(f"would erase {len(listed)} recordings in {folder}")
    return DONE


def _fetch(options: argparse.Namespace) -> int:
    from agent.config.loading import load_configuration
    from agent.runtime.central.folder import CopiedFolder, Folder
    from agent.runtime.central.index_fetch import fetch_here

    paths = Paths.of_user()
    folder: Folder | CopiedFolder
    if options.copied:
        folder = CopiedFolder(options.copied)
    elif options.url:
        folder = Folder("URL", options.url, options.ca)
    else:
        configuration = load_configuration(paths)
        folder = Folder.of_profiles(configuration.settings.central)
        if not folder.url:
            what = "; ".join(configuration.problems) or "policy names no folder"
            raise SteadyhandError(what, "mend that, or give the address: steadyhand fetch https://…")
    fetched = fetch_here(folder, paths, account_name(), socket.gethostname(), now=lambda: datetime.now(UTC))
    if options.json:
        print(json.dumps(asdict(fetched), indent=2, ensure_ascii=False))
    else:
        print("\n".join((*fetched.lines, *filter(None, [fetched.trouble]))))
    return FOUND_WRONG if fetched.trouble or fetched.refused or fetched.absent else DONE


def _completion(options: argparse.Namespace) -> int:
    print(complete(parser(), options.shell))
    return DONE


def _verify(options: argparse.Namespace) -> int:
    from agent.alerts.verify import verify
    from agent.files.private import mendable

    path: Path = options.file or Paths.of_user().alerts_file
    with mendable(path, "read"), path.open(encoding="utf-8", errors="replace") as lines:
        report = verify(lines)
    if options.json:
        print(json.dumps(asdict(report), indent=2, ensure_ascii=False))
        return FOUND_WRONG if report.problems or report.silences else DONE
    for line in (*report.problems, *report.silences, *(f"not checked: {line}" for line in report.unchecked)):
        print(line)
    print(
        f"{report.alerts} alerts in {report.chains} chains, {report.repeated} repeated, "
        f"{report.unlinked} without a link: {len(report.problems)} problems, {len(report.silences)} silences"
    )
    return FOUND_WRONG if report.problems or report.silences else DONE


def _relay(_options: argparse.Namespace) -> int:
    from agent.relay.__main__ import main

    return main()


def parser() -> argparse.ArgumentParser:
    """The parser of `steadyhand`, with what each command runs."""
    return build_parser(
        {
            "run": _run,
            "status": _status,
            "config": _config,
            "ask": _ask_agent,
            "open": _open,
            "drill": _drill,
            "doctor": _doctor,
            "demo": _demo,
            "recordings": _recordings,
            "fetch": _fetch,
            "completion": _completion,
            "verify": _verify,
            "relay": _relay,
        }
    )
