"""The `steadyhand` command: what the person at the computer runs."""

from __future__ import annotations

import argparse
import getpass
import json
import logging
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from agent.completion import SHELLS, complete
from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.files.paths import Paths

DONE, FOUND_WRONG, CALLED_WRONGLY = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 found something wrong, 2 called wrongly."""
    options = _parser().parse_args(argv)
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
    except BrokenPipeError:
        # The reader has seen enough (`| head`). Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FOUND_WRONG
    return code


def _run(options: argparse.Namespace) -> int:
    if options.source:
        from agent.runtime.replay import replay

        return replay(
            Paths.of_user(),
            options.source,
            user=getpass.getuser(),
            speed=options.speed,
            as_json=options.json,
            show=print,
        )
    from agent.ui.main import run_agent

    return run_agent(Paths.of_user(), tray=not options.no_tray, say=partial(print, flush=True))


def _status(options: argparse.Namespace) -> int:
    from agent.runtime.statusfile import read_status

    paths = Paths.of_user()
    if options.policy:
        return _policy(paths, as_json=options.json)
    told = read_status(paths.status_file, paths.lock_file)
    if options.page:
        from agent.ui.without_tray import write_status_page

        write_status_page(options.page, told, paths)
        print(f"the status page is in {options.page}")
    elif options.json:
        print(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        width = max(map(len, told))
        for name, value in told.items():
            shown = "; ".join(value) if isinstance(value, list) else value
            if isinstance(value, dict):
                shown = f"\n{'':<{width}}  ".join(_mouse_lines(value))
            print(f"{name.replace('_', ' '):<{width}}  {'-' if shown in (None, '') else shown}")
    return DONE if told["running"] else FOUND_WRONG


def _mouse_lines(told: dict[str, Any]) -> tuple[str, ...]:
    """The mouse's values, each with who told it."""
    try:
        return MouseConfiguration.from_json(told).lines()
    except ValueError as error:
        return (f"written by another version: {error}",)


def _policy(paths: Paths, *, as_json: bool) -> int:
    from agent.files.configuration import load_configuration
    from agent.files.effective import policy_lines, policy_report

    configuration = load_configuration(paths, strict=False)
    if as_json:
        print(json.dumps(policy_report(configuration, paths), indent=2, ensure_ascii=False))
    else:
        print("\n".join(policy_lines(configuration, paths)))
    return FOUND_WRONG if configuration.problems else DONE


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
    from agent.files.recordings import erase_recordings, list_recordings

    folder = Paths.of_user().recordings_dir
    listed = list_recordings(folder)
    if options.erase and not options.dry_run:
        print(f"erased {erase_recordings(listed)} recordings in {folder}")
        return DONE
    for info in listed:
        print(f"{info.path.name}  {info.size_bytes:>12,} bytes")
    if not listed:
        print(f"no recordings in {folder}")
    elif options.erase:
        print(f"would erase {len(listed)} recordings in {folder}")
    return DONE


def _fetch(options: argparse.Namespace) -> int:
    from agent.runtime.fetching import Folder, fetch_here

    folder = Folder(options.url, options.ca)
    for line in fetch_here(folder, Paths.of_user(), getpass.getuser(), now=datetime.now(UTC)):
        print(line)
    return DONE


def _completion(options: argparse.Namespace) -> int:
    print(complete(_parser(), options.shell))
    return DONE


def _verify(options: argparse.Namespace) -> int:
    from agent.alerts.verify import verify
    from agent.files.private import mendable

    path: Path = options.file or Paths.of_user().alerts_file
    with mendable(path, "read"), path.open(encoding="utf-8", errors="replace") as lines:
        report = verify(lines)
    for line in (*report.problems, *report.silences):
        print(line)
    print(
        f"{report.alerts} alerts in {report.chains} chains, {report.repeated} repeated, "
        f"{report.unlinked} without a link: {len(report.problems)} problems, {len(report.silences)} silences"
    )
    return FOUND_WRONG if report.problems or report.silences else DONE


def _relay(_options: argparse.Namespace) -> int:
    from agent.relay.__main__ import main

    return main()


def _replay_source(told: str) -> Path:
    scheme, _, name = told.partition(":")
    if scheme != "replay" or not name:
        raise argparse.ArgumentTypeError(f"{told!r} is not replay:FILE")
    return Path(name)


def _parser() -> argparse.ArgumentParser:
    parser = _command(
        argparse.ArgumentParser,
        prog="steadyhand",
        description="Watches, from the way the mouse is moved, that the person at this computer is its owner.",
        epilog="examples:\n  steadyhand                 run the tray agent\n  steadyhand status --json\n"
        "  steadyhand demo            see it work on a display of its own",
    )
    parser.add_argument("--verbose", action="store_true", help="log what happens to standard error")
    parser.set_defaults(run=_run, source=None, no_tray=False, speed=0.0, json=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    run = _command(
        commands.add_parser,
        "run",
        help="the tray agent (the default)",
        epilog="examples:\n  steadyhand run --no-tray\n  steadyhand run --source replay:session.rec --json",
    )
    run.add_argument("--no-tray", action="store_true", help="run without a tray icon")
    run.add_argument(
        "--source", type=_replay_source, help="replay:FILE judges a recording instead of the mouse"
    )
    run.add_argument(
        "--speed", type=float, default=0.0, help="replay at this multiple of real time; 0 = at once"
    )
    run.add_argument("--json", action="store_true", help="with --source: one JSON object a judgement")
    run.set_defaults(run=_run)

    status = _command(
        commands.add_parser,
        "status",
        help="what the running agent sees",
        epilog="examples:\n  steadyhand status --json\n  steadyhand status --policy",
    )
    status.add_argument("--json", action="store_true", help="print JSON")
    status.add_argument("--page", type=Path, metavar="FILE", help="write the tray's status page there")
    status.add_argument(
        "--policy", action="store_true", help="every setting that holds, and where it comes from"
    )
    status.set_defaults(run=_status)

    doctor = _command(
        commands.add_parser,
        "doctor",
        help="what works on this computer, and how to mend what doesn't",
        epilog="examples:\n  steadyhand doctor --json\n  steadyhand doctor --test-alert",
    )
    doctor.add_argument("--json", action="store_true", help="print JSON")
    doctor.add_argument(
        "--test-lock", action="store_true", help="really lock the screen, to see that it locks"
    )
    doctor.add_argument("--test-alert", action="store_true", help="really send an alert to every destination")
    doctor.set_defaults(run=_doctor)

    demo = _command(
        commands.add_parser,
        "demo",
        help="owner works, an intruder takes over, the screen locks, the alert arrives",
        epilog="examples:\n  steadyhand demo\n  steadyhand demo --data build/data/balabit",
    )
    demo.add_argument("--here", action="store_true", help="on the display in front of you, after asking")
    demo.add_argument(
        "--data",
        type=Path,
        help="a Balabit folder: two of its accounts play the two people (takes about four minutes)",
    )
    demo.add_argument("--out", type=Path, help="folder for the screenshots and the report")
    demo.set_defaults(run=_demo)

    recordings = _command(
        commands.add_parser,
        "recordings",
        help="list or erase what was recorded for enrolment",
        epilog="examples:\n  steadyhand recordings\n  steadyhand recordings --erase --dry-run",
    )
    recordings.add_argument("--erase", action="store_true", help="erase all of them")
    recordings.add_argument("--dry-run", action="store_true", help="with --erase: only say what would go")
    recordings.set_defaults(run=_recordings)

    fetch = _command(
        commands.add_parser,
        "fetch",
        help="install the administrator's signed profiles for this user and the mice that are connected",
        epilog="example:\n  steadyhand fetch https://profiles.example/steadyhand",
    )
    fetch.add_argument("url", help="a folder of signed profiles behind HTTPS: what enroll store keeps")
    fetch.add_argument("--ca", default="", help="file of authorities to believe (default: the system's)")
    fetch.set_defaults(run=_fetch)

    completion = _command(
        commands.add_parser,
        "completion",
        help="print the rules by which a shell completes this command",
        epilog="example:\n  steadyhand completion bash > ~/.local/share/bash-completion/completions/steadyhand",
    )
    completion.add_argument("shell", choices=SHELLS)
    completion.set_defaults(run=_completion)

    verify = _command(
        commands.add_parser,
        "verify",
        help="are exported alerts all there, and as they were sent",
        epilog="examples:\n  steadyhand verify\n  steadyhand verify exported-from-the-siem.jsonl",
    )
    verify.add_argument(
        "file", nargs="?", type=Path, help="OCSF events, one a line; else this user's own file"
    )
    verify.set_defaults(run=_verify)

    relay = _command(
        commands.add_parser,
        "relay",
        help="the system service that brings all users' alerts on; systemd starts it",
        epilog="examples:\n  systemctl enable --now steadyhand-relay\n  steadyhand relay",
    )
    relay.set_defaults(run=_relay)
    return parser


def _command(make, *args: str, **told: str) -> argparse.ArgumentParser:  # type: ignore[no-untyped-def]
    parser: argparse.ArgumentParser = make(
        *args, formatter_class=argparse.RawDescriptionHelpFormatter, **told
    )
    return parser
