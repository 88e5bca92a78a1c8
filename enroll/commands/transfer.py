"""`steadyhand-enroll transfer`: which mouse, which other people, which sample."""

from __future__ import annotations

import argparse

from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Profile
from agent.files.cohort import Cohort
from agent.files.paths import Paths
from enroll.commands.cohort import load_cohort
from enroll.commands.rates import asked_rates
from enroll.commands.sources import unit_of
from enroll.edition import Edition
from enroll.sources.enrolment import EnrolmentData, enrolment_at
from enroll.transfer import others_of, transfer


def transferred(options: argparse.Namespace, profile: Profile, paths: Paths) -> Profile:
    """The profile for the mouse of the sample, or for the one that is named.

    Raises
    ------
    SteadyhandError
        If neither is given, a file cannot be read, or there is too little to transfer by.
    """
    if options.detectors:
        raise SteadyhandError("--detectors: a transferred profile has the shipped ones", "leave it out")
    cohort = load_cohort(options.cohort, options.public, paths) if options.cohort else None
    sample = (
        enrolment_at(
            options.sample,
            profile.user,
            paths,
            opening_key=options.opening_key,
            time_unit=unit_of(options),
            quiet=options.quiet,
        )
        if options.sample
        else None
    )
    mouse = _mouse(sample, cohort, options.to)
    return transfer(
        profile,
        mouse,
        others=others_of(cohort, profile.mouse, mouse, but=options.cohort_number) if cohort else None,
        sample=sample.sessions if sample else (),
        asked=asked_rates(options, paths),
        edition=Edition(options.sequence),
    )


def _mouse(sample: EnrolmentData | None, cohort: Cohort | None, key: str | None) -> MouseConfiguration:
    """The sample's own, else the configuration of the cohort that has this key."""
    if sample is not None:
        if key not in (None, sample.mouse.key):
            raise SteadyhandError(
                f"the sample is of mouse {sample.mouse.key}, not of {key}", "leave out --to"
            )
        return sample.mouse
    if cohort is None or key is None:
        raise SteadyhandError("which mouse?", "give --sample, or --cohort and --to")
    fitting = [group.mouse for group in cohort.groups if group.mouse.key == key]
    if not fitting:
        known = ", ".join(group.mouse.key for group in cohort.groups)
        raise SteadyhandError(f"the cohort has nobody under mouse {key}", f"it has these: {known}")
    return fitting[0]
