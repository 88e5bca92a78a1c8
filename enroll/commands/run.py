"""What the commands do. Each takes the parsed options, prints its report, and returns the exit code."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tqdm import tqdm

from agent.engine.disagreement import disagreements_of
from agent.engine.errors import SteadyhandError
from agent.engine.profile import Profile
from agent.engine.settings import Enrolment as EnrolmentSettings
from agent.engine.settings import Judgement
from agent.files.cohort import Cohort
from agent.files.keys import (
    PublicKey,
    Role,
    Trust,
    create_signing_key,
    load_signing_key,
    load_trust,
    local_signing_key,
    recording_key,
)
from agent.files.paths import Paths
from agent.files.private import mendable
from agent.files.profile import SignedProfile, read_profile, write_profile
from agent.files.profiles import installed_profiles
from agent.files.recordings import SUFFIX
from agent.files.sealing import create_opening_key
from enroll.arguments.training import named_detectors
from enroll.child import train_child
from enroll.cohort import rows_under
from enroll.commands.cohort import cohort_report, load_cohort
from enroll.commands.evaluation import evaluate
from enroll.commands.fleet import fleet_report
from enroll.commands.guide import guide_lines
from enroll.commands.policy import policy_report
from enroll.commands.receiving import receive_report
from enroll.commands.store import store_report
from enroll.commands.telling import described, shown
from enroll.commands.transfer import transferred
from enroll.example import Office, write_example
from enroll.features import SCHEMAS, write_features
from enroll.likeness import OnFile
from enroll.model import sketched_by
from enroll.report.fleet import Fleet, cost_sentence
from enroll.report.page import read_inputs, report
from enroll.report.results import StreamResult
from enroll.sources import (
    Enrolment,
    enrolment_at,
    import_session,
    table_sessions,
)
from enroll.store import Store
from enroll.sufficiency import expected, weigh
from enroll.train import train

_DONE, _FOUND_WRONG = 0, 1
_FIRST_ASK: Final = "ask who was at the mouse before you use it"


def import_command(options: argparse.Namespace) -> int:
    """Tables to recordings."""
    paths = _paths(options)
    folder = options.out or paths.recordings_dir
    if options.dry_run:
        for session in table_sessions(options.source):
            print(f"{session.path}  ->  {folder / session.account / session.name}{SUFFIX}")
        return _DONE
    key = recording_key(paths)
    for session in tqdm(table_sessions(options.source), unit="session", disable=None):
        import_session(session, folder, key)
    print(f"recordings are in {folder}")
    return _DONE


def receive_command(options: argparse.Namespace) -> int:
    """Sealed recordings to the administrator's own; exit code 1 where one cannot be opened."""
    told, whole = receive_report(options, _paths(options))
    print(told)
    return _DONE if whole else _FOUND_WRONG


def train_command(options: argparse.Namespace) -> int:
    """Recordings or tables to a signed profile."""
    paths = _paths(options)
    asked = Judgement(false_locks_per_40h=options.false_locks, false_alerts_per_40h=options.false_alerts)
    detectors = named_detectors(options)
    enrolment = enrolment_at(options.source, options.user, paths, sketched=sketched_by(detectors))
    cohort = load_cohort(options.cohort, options.public, paths) if options.cohort else None
    on_file = OnFile(_profiles_on_file(options, paths), enrolment.scripted)
    profile = train(
        enrolment.sessions,
        options.user,
        enrolment.mouse,
        asked,
        cohort=cohort,
        but=options.cohort_number,
        detectors=detectors,
        on_file=on_file,
        sequence=options.sequence,
    )
    _write(options, profile, paths)
    print(shown(described(profile) | _sufficiency(options, enrolment, cohort), options.json))
    disagreements = disagreements_of(profile.summary)
    for one in disagreements:
        print(f"{options.user}: what was learnt {one.words}; {_FIRST_ASK}", file=sys.stderr)
    return _FOUND_WRONG if disagreements else _DONE


def transfer_command(options: argparse.Namespace) -> int:
    """A profile to another mouse."""
    paths = _paths(options)
    profile = transferred(options, _read(options.profile, options.public, paths).profile, paths)
    _write(options, profile, paths)
    print(shown(described(profile), options.json))
    return _DONE


def train_child_command(_: argparse.Namespace) -> int:
    """For the agent, over pipes."""
    train_child(sys.stdin.buffer, sys.stdout.buffer)
    return _DONE


def verify_command(options: argparse.Namespace) -> int:
    """Every check of a profile; what is wrong is told and is exit code 1."""
    try:
        told = _read(options.profile, options.public, _paths(options))
    except SteadyhandError as error:
        if options.json:
            print(json.dumps({"valid": False, "problem": str(error)}, indent=2, ensure_ascii=False))
        else:
            print(f"not valid: {error}")
        return _FOUND_WRONG
    report = {"valid": True, "expired": told.expired, "origin": told.origin, "key": told.key_id}
    print(shown(report | described(told.profile), options.json))
    return _FOUND_WRONG if told.expired else _DONE


def sign_command(options: argparse.Namespace) -> int:
    """A profile that this computer believes gets the administrator's signature."""
    told = _read(options.profile, None, _paths(options))
    key = load_signing_key(options.key)
    if options.dry_run:
        print(f"{options.out} would be signed with key {key.key_id}")
        return _DONE
    write_profile(options.out, told.profile, key, Role.ADMINISTRATOR)
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
    print(cohort_report(options, _paths(options)))
    return _DONE


def fleet_command(options: argparse.Namespace) -> int:
    """Profiles of many users; exit code 1 where somebody has none."""
    text, everybody = fleet_report(options, _paths(options))
    print(text)
    return _DONE if everybody else _FOUND_WRONG


def policy_command(options: argparse.Namespace) -> int:
    """A signed policy for the folder that agents ask."""
    print(policy_report(options))
    return _DONE


def store_command(options: argparse.Namespace) -> int:
    """The administrator's folder of profiles; exit code 1 where a new version does not agree with what is there."""
    text, agrees = store_report(options, _paths(options))
    print(text)
    return _DONE if agrees else _FOUND_WRONG


def evaluate_command(options: argparse.Namespace) -> int:
    """A protocol's figures."""
    result = evaluate(options)
    text = json.dumps(result, indent=2)
    if options.json and str(options.json) != "-":
        with mendable(options.json, "write"):
            options.json.write_text(text + "\n", encoding="utf-8")
    print(text)
    return _DONE


def report_command(options: argparse.Namespace) -> int:
    """Results to a page."""
    traces = (options.owner_trace, options.intruder_trace)
    drawn = ((options.owner_movements, True), (options.intruder_movements, False))
    inputs = read_inputs(options.results, options.scores, *traces, drawn)
    fleet = Fleet(options.people, options.hours)
    text = report(inputs, datetime.now(UTC), fleet)
    with mendable(options.out, "write"):
        options.out.write_text(text, encoding="utf-8")
    for result in inputs.results:
        if isinstance(result, StreamResult):
            print(cost_sentence(result, fleet))
    print(f"{options.out}: open it in a browser")
    return _DONE


def features_command(options: argparse.Namespace) -> int:
    """A table with one line an action."""
    sessions = table_sessions(options.source)
    with mendable(options.out, "write"), options.out.open("w", encoding="utf-8", newline="") as file:
        shown = tqdm(sessions, unit="session", disable=None)
        write_features(file, shown, SCHEMAS[options.schema])
    print(f"{options.out}: {len(sessions)} sessions")
    return _DONE


def example_command(options: argparse.Namespace) -> int:
    """Made-up people, to try everything on."""
    wanted = Office(options.people, options.sessions, options.actions)
    written = write_example(options.folder, wanted)
    for _ in tqdm(written, total=options.people * options.sessions, unit="session", disable=None):
        pass
    print(f"{options.folder}: {options.people} made-up people with {options.sessions} sessions each")
    return _DONE


def guide_command(options: argparse.Namespace) -> int:
    """What is done, and what comes next."""
    print("\n".join(guide_lines(options.folder)))
    return _DONE


def _write(options: argparse.Namespace, profile: Profile, paths: Paths) -> None:
    """Sign what was made, as the administrator where there is a key, and keep it."""
    if not options.dry_run:
        role = Role.ADMINISTRATOR if options.key else Role.LOCAL
        key = load_signing_key(options.key) if options.key else local_signing_key(paths)
        write_profile(options.out, profile, key, role)


def _profiles_on_file(options: argparse.Namespace, paths: Paths) -> tuple[Profile, ...]:
    """The folder that is named, else what is installed here; a file that is no profile is told and passed over."""
    trust = _trust(options.public, paths)
    if options.on_file is None:
        found = installed_profiles(paths, trust, now=datetime.now(UTC))
        profiles, problems = [told.profile for told in found.profiles], found.problems
    else:
        kept, lines = Store(options.on_file, trust).read()
        profiles, problems = [one.profile for one in kept], tuple(lines)
    for problem in problems:
        print(f"not compared: {problem}", file=sys.stderr)
    return tuple(profiles)


def _trust(public: Path | None, paths: Paths) -> Trust:
    if public is None:
        return load_trust(paths, local=True)
    with mendable(public, "read"):
        pem = public.read_bytes()
    return Trust.of(administrator=PublicKey.from_pem(pem, str(public)))


def _paths(options: argparse.Namespace) -> Paths:
    return Paths.under(options.root) if options.root else Paths.of_user()


def _read(path: Path, public: Path | None, paths: Paths) -> SignedProfile:
    return read_profile(path, _trust(public, paths), now=datetime.now(UTC))


def _sufficiency(options: argparse.Namespace, enrolment: Enrolment, cohort: Cohort | None) -> dict[str, Any]:
    """Whether there was enough to learn from, by the shipped detectors."""
    others = rows_under(cohort, enrolment.mouse, but=options.cohort_number) if cohort else None
    told = expected(weigh(enrolment.sessions, others), EnrolmentSettings().enough_error)
    return {"sufficiency": told.to_json() if options.json else told.line()}
