"""`steadyhand-enroll cohort`: makes, shows and shrinks cohorts."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity
from agent.engine.visible_text import visible_lines
from agent.files.cohort import Cohort, read_cohort, write_cohort
from agent.files.keys import PublicKey, Trust, load_trust
from agent.files.paths import Paths
from agent.files.private import mendable
from enroll.cohort import build, described, without
from enroll.office.passphrase import signing_key_at
from enroll.progress import progress
from enroll.sources.enrolment import enrolment_of_sessions
from enroll.sources.keys import SourceKeys
from enroll.sources.sessions import by_mouse, by_person, sessions_at


def cohort_report(options: argparse.Namespace, paths: Paths) -> str:
    """Do what `cohort build`, `inspect` or `remove` asks; returns what is to be printed.

    Raises
    ------
    SteadyhandError
        If there are too few people, a file cannot be read or written, or a number is nobody's.
    """
    if options.action == "build":
        return _build(options, paths)
    cohort = load_cohort(options.cohort, options.public, paths)
    if options.action == "inspect":
        return _text(described(cohort), options.json)
    smaller = without(cohort, options.person)
    write_cohort(options.out, smaller, signing_key_at(options.key, options.passphrase_file))
    return (
        f"{options.out} is the cohort without number {options.person}.\n"
        f"Profiles that were trained with {cohort.cohort_id} still rest on that person's actions: train them again."
    )


def load_cohort(path: Path, public: Path | None, paths: Paths) -> Cohort:
    """A cohort that an administrator signed.

    Raises
    ------
    SteadyhandError
        If it is not valid.
    """
    if public is None:
        return read_cohort(path, load_trust(paths, local=True))
    with mendable(public, "read"):
        pem = public.read_bytes()
    return read_cohort(path, Trust.of(administrator=PublicKey.from_pem(pem, str(public))))


def _build(options: argparse.Namespace, paths: Paths) -> str:
    source: Path = options.source
    people = by_person(sessions_at(source, SourceKeys.of(paths, options.opening_key)))
    if source.resolve().name in people:
        raise SteadyhandError(f"{source}: no folder in it", "give a folder with a folder for each person")
    enrolments = {
        name: [
            enrolment_of_sessions(group, name, sketched=options.sketches)
            for group in by_mouse(people[name]).values()
        ]
        for name in progress(list(people), "person", quiet=options.quiet)
    }
    cohort = build(enrolments)
    write_cohort(options.out, cohort, signing_key_at(options.key, options.passphrase_file))
    numbers = visible_lines(f"  {number}  {name}" for number, name in enumerate(sorted(people)))
    return (
        f"{_text(described(cohort), False)}\n\nThe file holds numbers, no names. Keep this list apart from it, "
        f"to take somebody out later:\n{numbers}"
    )


def _text(summary: dict[str, Any], as_json: bool) -> str:
    if as_json:
        return json.dumps(summary, indent=2, ensure_ascii=False)
    lines = [f"cohort {summary['cohort']}, made {summary['created']}, {summary['features']} features"]
    if not summary["fits_this_version"]:
        lines.append("made with other features than this version measures: build it again")
    for configuration in summary["configurations"]:
        people = configuration["people"]
        few = "" if configuration["usable"] else "; too few to be used"
        drawn = " with sketches" if configuration["sketches"] else ""
        mouse = f"mouse {configuration['mouse']} ({configuration['key']})"
        lines.append(
            f"{mouse}: {quantity(len(people), 'person', 'people')}, "
            f"{quantity(sum(people.values()), 'action')}{drawn}{few}"
        )
        lines += [f"  number {person}: {quantity(count, 'action')}" for person, count in people.items()]
    return visible_lines(lines)
