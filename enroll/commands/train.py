"""`steadyhand-enroll train`: recordings or tables to a signed profile."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from agent.config.schema import EnrolmentSettings as EnrolmentSettings
from agent.engine.disagreement import disagreements_of
from agent.engine.profile import Profile
from agent.engine.visible_text import visible
from agent.files.cohort import Cohort
from agent.files.paths import Paths
from agent.files.profiles import installed_profiles
from enroll.arguments.training import named_detectors
from enroll.cohort import rows_under
from enroll.commands.background import named_background
from enroll.commands.cohort import load_cohort
from enroll.commands.common import trust_of, write_signed
from enroll.commands.description import described, shown
from enroll.commands.rates import asked_rates
from enroll.commands.sources import unit_of
from enroll.detector_choice import sketched_by
from enroll.edition import Edition
from enroll.likeness import OnFile
from enroll.sources.enrolment import EnrolmentData, enrolment_at
from enroll.store import ProfileStore
from enroll.sufficiency import expected, weigh
from enroll.train import train

_FIRST_ASK: Final = "ask who was at the mouse before you use it"


def train_report(options: argparse.Namespace, paths: Paths) -> tuple[str, tuple[str, ...]]:
    """Train, sign and write a profile; returns what it is, and with whom the enrolment does not agree, a line each."""
    detectors = named_detectors(options)
    enrolment = _enrolment(options, paths, detectors)
    cohort = load_cohort(options.cohort, options.public, paths) if options.cohort else None
    profile = train(
        enrolment.sessions,
        options.user,
        enrolment.mouse,
        asked_rates(options, paths),
        cohort=cohort,
        but=options.cohort_number,
        detectors=detectors,
        on_file=OnFile(_profiles_on_file(options, paths), enrolment.scripted),
        background=named_background(options, paths),
        edition=Edition(options.sequence),
    )
    write_signed(options, profile, paths)
    report = shown(described(profile) | _sufficiency(options, enrolment, cohort), options.json)
    return report, tuple(
        f"{options.user}: what was learnt {disagreement.words}; {_FIRST_ASK}"
        for disagreement in disagreements_of(profile.summary)
    )


def _enrolment(options: argparse.Namespace, paths: Paths, detectors: Sequence[str] | None) -> EnrolmentData:
    return enrolment_at(
        options.source,
        options.user,
        paths,
        sketched=sketched_by(detectors),
        opening_key=options.opening_key,
        time_unit=unit_of(options),
        quiet=options.quiet,
    )


def _profiles_on_file(options: argparse.Namespace, paths: Paths) -> tuple[Profile, ...]:
    """The folder that is named, else what is installed here; a file that is no profile is told and passed over."""
    trust = trust_of(options.public, paths)
    if options.on_file is None:
        installed = installed_profiles(paths, trust, now=datetime.now(UTC))
        profiles, problems = [signed.profile for signed in installed.profiles], installed.problems
    else:
        stored, lines = ProfileStore(options.on_file, trust).read()
        profiles, problems = [entry.profile for entry in stored], tuple(lines)
    for problem in problems:
        print(f"not compared: {visible(problem)}", file=sys.stderr)
    return tuple(profiles)


def _sufficiency(
    options: argparse.Namespace, enrolment: EnrolmentData, cohort: Cohort | None
) -> dict[str, Any]:
    """Whether there was enough to learn from, by the shipped detectors."""
    others = rows_under(cohort, enrolment.mouse, but=options.cohort_number) if cohort else None
    sufficiency = expected(weigh(enrolment.sessions, others), EnrolmentSettings().enough_error)
    return {"sufficiency": sufficiency.to_json() if options.json else sufficiency.line()}
