"""Entry points of the commands: each takes the parsed options, prints its report and returns the exit code."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity
from agent.engine.visible_text import visible_lines
from agent.files.keys import (
    Role,
    create_signing_key,
)
from agent.files.paths import Paths
from agent.files.private import mendable
from agent.files.profile import write_profile
from agent.files.sealing import create_opening_key
from agent.host.memory import keep_memory_private
from enroll.child import train_child
from enroll.commands.background import background_report
from enroll.commands.cohort import cohort_report
from enroll.commands.common import language_of, paths_of, read_signed, write_signed
from enroll.commands.computers import computers_report
from enroll.commands.description import described, shown
from enroll.commands.evaluation import evaluate
from enroll.commands.fleet import fleet_report
from enroll.commands.guide import guide_lines
from enroll.commands.office import office_report
from enroll.commands.overview import overview_report
from enroll.commands.policy import policy_report
from enroll.commands.receiving import receive_report
from enroll.commands.sources import (
    export_report,
    features_report,
    import_report,
    is_source,
    verified_source,
)
from enroll.commands.store import store_report
from enroll.commands.train import train_report
from enroll.commands.transfer import transferred
from enroll.example import ExampleSize, write_example
from enroll.office.passphrase import signing_key_at
from enroll.progress import progress
from enroll.report.fleet import Fleet, cost_sentence
from enroll.report.page import read_inputs, report
from enroll.report.results import StreamResult
from enroll.sources.keys import SourceKeys

_DONE, _FOUND_WRONG = 0, 1


def import_command(options: argparse.Namespace) -> int:
    """Tables to recordings."""
    print(import_report(options, paths_of(options)))
    return _DONE


def export_command(options: argparse.Namespace) -> int:
    """Recordings to tables."""
    print(export_report(options, paths_of(options)))
    return _DONE


def receive_command(options: argparse.Namespace) -> int:
    """Sealed recordings to the administrator's own; exit code 1 where one cannot be opened."""
    text, whole = receive_report(options, paths_of(options))
    print(text)
    return _DONE if whole else _FOUND_WRONG


def computers_command(options: argparse.Namespace) -> int:
    """Which computers may hand recordings over."""
    print(computers_report(options))
    return _DONE


def train_command(options: argparse.Namespace) -> int:
    """Recordings or tables to a signed profile; exit code 1 where the enrolment agrees with nobody it should."""
    text, doubts = train_report(options, paths_of(options))
    print(text)
    for line in doubts:
        print(line, file=sys.stderr)
    return _FOUND_WRONG if doubts else _DONE


def transfer_command(options: argparse.Namespace) -> int:
    """A profile to another mouse."""
    paths = paths_of(options)
    profile = transferred(options, read_signed(options.profile, options.public, paths).profile, paths)
    write_signed(options, profile, paths)
    print(shown(described(profile), options.json))
    return _DONE


def train_child_command(_options: argparse.Namespace) -> int:
    """For the agent, over pipes; the keys are this computer's."""
    keep_memory_private()
    train_child(sys.stdin.buffer, sys.stdout.buffer, Paths.of_user())
    return _DONE


def verify_command(options: argparse.Namespace) -> int:
    """Every check of a profile, or of recordings and tables; what is wrong is told and is exit code 1."""
    try:
        if is_source(options.profile):
            print(shown(verified_source(options, paths_of(options)), options.json))
            return _DONE
        signed = read_signed(options.profile, options.public, paths_of(options))
    except SteadyhandError as error:
        if options.json:
            print(json.dumps({"valid": False, "problem": str(error)}, indent=2, ensure_ascii=False))
        else:
            print(f"not valid: {error}")
        return _FOUND_WRONG
    report = {"valid": True, "expired": signed.expired, "origin": signed.origin, "key": signed.key_id}
    print(shown(report | described(signed.profile), options.json))
    return _FOUND_WRONG if signed.expired else _DONE


def sign_command(options: argparse.Namespace) -> int:
    """A profile that this computer believes gets the administrator's signature."""
    signed = read_signed(options.profile, None, paths_of(options))
    key = signing_key_at(options.key, options.passphrase_file)
    if options.dry_run:
        print(f"{options.out} would be signed with key {key.key_id}")
        return _DONE
    write_profile(options.out, signed.profile, key, Role.ADMINISTRATOR)
    print(f"{options.out} is signed by the administrator")
    return _DONE


def key_command(options: argparse.Namespace) -> int:
    """A new signing key and its public half."""
    if options.recordings:
        print(
            f"keep {options.file} secret; for policy: central.recordings_key = {create_opening_key(options.file)}"
        )
        return _DONE
    key = create_signing_key(options.file)
    public = options.file.with_suffix(".pub.pem")
    with mendable(public, "write"):
        public.write_bytes(key.public.to_pem())
    print(f"keep {options.file} secret; install {public} as /etc/steadyhand/keys/NAME.pem on every computer")
    return _DONE


def cohort_command(options: argparse.Namespace) -> int:
    """Cohorts: made, shown, made smaller."""
    print(cohort_report(options, paths_of(options)))
    return _DONE


def background_command(options: argparse.Namespace) -> int:
    """Backgrounds: built, shown."""
    print(background_report(options, paths_of(options)))
    return _DONE


def fleet_command(options: argparse.Namespace) -> int:
    """Profiles of many users; exit code 1 where somebody has none."""
    text, everybody = fleet_report(options, paths_of(options))
    print(text)
    return _DONE if everybody else _FOUND_WRONG


def policy_command(options: argparse.Namespace) -> int:
    """A signed policy for the folder that agents ask."""
    print(policy_report(options))
    return _DONE


def store_command(options: argparse.Namespace) -> int:
    """The administrator's folder of profiles; exit code 1 where a new version does not agree with what is there."""
    text, agrees = store_report(options, paths_of(options))
    print(text)
    return _DONE if agrees else _FOUND_WRONG


def office_command(options: argparse.Namespace) -> int:
    """The administrator's one folder; exit code 1 where something is wrong in it."""
    text, well = office_report(options)
    print(text)
    return _DONE if well else _FOUND_WRONG


def evaluate_command(options: argparse.Namespace) -> int:
    """A protocol's figures."""
    figures = evaluate(options)
    text = json.dumps(figures, indent=2)
    if options.json and str(options.json) != "-":
        with mendable(options.json, "write"):
            options.json.write_text(text + "\n", encoding="utf-8")
    print(text)
    return _DONE


def report_command(options: argparse.Namespace) -> int:
    """Results to a page."""
    traces = (options.owner_trace, options.intruder_trace)
    drawn = ((options.owner_movements, True), (options.intruder_movements, False))
    keys = SourceKeys.of(paths_of(options), options.opening_key)
    inputs = read_inputs(options.results, options.scores, *traces, drawn, keys, options.events)
    fleet = Fleet(options.people, options.hours)
    text = report(inputs, datetime.now(UTC), fleet, language_of(options.language))
    with mendable(options.out, "write"):
        options.out.write_text(text, encoding="utf-8")
    for figures in inputs.evaluations:
        if isinstance(figures, StreamResult):
            print(cost_sentence(figures, fleet))
    print(f"{options.out}: open it in a browser")
    return _DONE


def overview_command(options: argparse.Namespace) -> int:
    """One page on everybody and every mouse."""
    print(overview_report(options, paths_of(options)))
    return _DONE


def features_command(options: argparse.Namespace) -> int:
    """A table with one line an action."""
    print(features_report(options, paths_of(options)))
    return _DONE


def example_command(options: argparse.Namespace) -> int:
    """Made-up people, to try everything on."""
    wanted = ExampleSize(options.people, options.sessions, options.actions)
    written = write_example(options.folder, wanted)
    for _ in progress(written, "session", total=options.people * options.sessions, quiet=options.quiet):
        pass
    print(
        f"{options.folder}: {quantity(options.people, 'made-up person', 'made-up people')} "
        f"with {quantity(options.sessions, 'session')} each"
    )
    return _DONE


def guide_command(options: argparse.Namespace) -> int:
    """What is done, and what comes next."""
    print(visible_lines(guide_lines(options.folder)))
    return _DONE
