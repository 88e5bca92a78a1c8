"""The `steadyhand` command: what the person at the computer runs."""

from __future__ import annotations

import argparse
import json
import logging
import os
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from agent.arguments import build_parser
from agent.commands import linux_only, running
from agent.commands.exit_codes import CALLED_WRONGLY, DONE, FOUND_WRONG
from agent.completion import complete
from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity
from agent.engine.visible_text import visible, visible_lines
from agent.files.paths import Paths
from agent.frozen import is_windowed
from agent.host.account import account_name
from agent.host.dialogue import show_message
from agent.host.memory import keep_memory_private
from agent.host.servicemanager import ServiceManager
from agent.host.start_environment import StartFindings, clean_start
from agent.standard_streams import is_broken_pipe, log_to_file, log_to_stderr, provide_streams

TRY_AGAIN_S = 30.0
LOG_FORM = "%(asctime)s %(name)s %(levelname)s %(message)s"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 found something wrong, 2 called wrongly."""
    windowed = is_windowed()
    provide_streams()
    options = parser().parse_args(argv)
    level = logging.DEBUG if options.verbose else logging.WARNING
    if windowed:
        log_to_file(Paths.of_user().log_file, level, LOG_FORM)
    else:
        log_to_stderr(level, LOG_FORM)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except SteadyhandError as error:
        print(f"steadyhand: {error}", file=sys.stderr)
        if windowed:
            show_message("Steadyhand", str(error))
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
    # First of all, and before memory is closed: then only root can read the environment at the start.
    foreign_code = () if options.source else clean_start(os.environ)
    keep_memory_private()
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
    from agent.host.select import correct_environment

    # Before the folders are looked for: one of them is the session's.
    start = StartFindings(foreign_code, correct_environment(os.environ))
    from agent.runtime.lifecycle.single_instance import AlreadyRunsError
    from agent.ui.main import run_agent

    try:
        return run_agent(
            Paths.of_user(),
            tray=not options.no_tray,
            say=partial(print, flush=True),
            start=start,
        )
    except SteadyhandError as error:
        if options.autostart and isinstance(error, AlreadyRunsError):
            return DONE
        _wait_before_the_next_try(ServiceManager(), error)
        raise


def _wait_before_the_next_try(manager: ServiceManager, error: SteadyhandError) -> None:
    """Under a service manager, which starts it again at once and for ever: a broken setting must not cost a core."""
    if manager.listens:
        manager.failed(str(error))
        time.sleep(TRY_AGAIN_S)


def _config(_options: argparse.Namespace) -> int:
    from agent.config.settings_template import default_toml

    print(default_toml(), end="")
    return DONE


def _doctor(options: argparse.Namespace) -> int:
    from agent.doctor import examine

    findings = examine(Paths.of_user(), test_lock=options.test_lock, test_alert=options.test_alert)
    if options.json:
        print(json.dumps([finding.to_json() for finding in findings], indent=2, ensure_ascii=False))
    else:
        for finding in findings:
            print(finding.line())
    return FOUND_WRONG if any(finding.is_broken for finding in findings) else DONE


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
        print(f"erased {quantity(erased, 'recording')} in {folder}")
        return DONE
    for recording in listed:
        print(f"{visible(recording.path.name)}  {recording.size_bytes:>12,} bytes")
    if not listed:
        print(f"no recordings in {folder}")
    elif options.erase:
        print(f"would erase {quantity(len(listed), 'recording')} in {folder}")
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
        print(visible_lines((*fetched.lines, *filter(None, [fetched.trouble]))))
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
        print(visible(line))
    print(
        f"{quantity(report.alerts, 'alert')} in {quantity(report.chains, 'chain')}, {report.repeated} repeated, "
        f"{report.unlinked} without a link: {quantity(len(report.problems), 'problem')}, "
        f"{quantity(len(report.silences), 'silence')}"
    )
    return FOUND_WRONG if report.problems or report.silences else DONE


def _signals(options: argparse.Namespace) -> int:
    from agent.commands.signals import signals

    return signals(options)


def parser() -> argparse.ArgumentParser:
    """The parser of `steadyhand`, with what each command runs."""
    return build_parser(
        {
            "run": _run,
            "status": running.status,
            "config": _config,
            "ask": running.ask_agent,
            "open": running.open_page,
            "drill": running.drill,
            "doctor": _doctor,
            "demo": linux_only.demo,
            "recordings": _recordings,
            "fetch": _fetch,
            "completion": _completion,
            "verify": _verify,
            "relay": linux_only.relay,
            "signals": _signals,
            "mouse-service": linux_only.mouse_service,
            "program-check": linux_only.program_check,
            "own-program-check": linux_only.own_program_check,
        }
    )
