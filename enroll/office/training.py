"""Training of an office: every person under every mouse whose recordings are newer than their profile."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from agent.config.policy import parse_policy
from agent.config.schema import JudgementSettings
from agent.engine.errors import SteadyhandError
from agent.files.cohort import Cohort, read_cohort, write_cohort
from agent.files.keys import recording_key
from agent.files.private import mendable, write_private
from agent.files.profile import unpack_unsigned
from agent.files.profiles import profile_name
from agent.files.recordings import list_recordings
from agent.files.signing import SigningKey
from enroll.backends import WorkerPool
from enroll.cohort import LEAST_PEOPLE, build
from enroll.fleet import Failed, Shared, Trained, run
from enroll.manifest import User
from enroll.office.backgrounds import own_background
from enroll.office.layout import OfficeLayout
from enroll.office.opening import OpenOffice
from enroll.office.people import EXEMPT, OfficePerson
from enroll.sources.enrolment import enrolment_by_key
from enroll.sources.keys import SourceKeys
from enroll.store import ProfileStore

COHORT: Final = "office.cohort"
NUMBERS: Final = "office.people.json"
_RATES: Final = ("false_locks_per_40h", "false_alerts_per_40h")


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Who is to be trained.

    Attributes
    ----------
    due : tuple of User
        A line for each person and mouse.
    current : int
        Profiles that rest on everything that was recorded.
    """

    due: tuple[User, ...]
    current: int


def plan_training(office: OpenOffice, only: OfficePerson | None = None) -> TrainingPlan:
    """Everybody, or one person, under each mouse whose recordings their profile does not rest on.

    Raises
    ------
    SteadyhandError
        If a profile or policy that is there cannot be read.
    """
    layout = office.layout
    store = ProfileStore(layout.profiles_dir, office.keyring.once_trusted)
    numbers = cohort_numbers(layout)
    due: list[User] = []
    current = 0
    for person in [only] if only else office.people.by_id.values():
        if person.group == EXEMPT:
            continue
        for source in mouse_folders(layout, person.person_id):
            if figures_of(layout, person.person_id, source.name).get("trained_from") == fingerprint(source):
                current += 1
                continue
            sequence = store.next_sequence(person.person_id, source.name, office.keyring.epoch)
            asked = asked_of(layout, person.group)
            number = numbers.get(person.person_id)
            due.append(
                User(person.person_id, source, number, source.name, sequence, asked, alone_if_few=True)
            )
    return TrainingPlan(tuple(due), current)


def train_people(
    office: OpenOffice,
    plan: TrainingPlan,
    key: SigningKey,
    pool: WorkerPool,
    progress: Callable[[str], None] = lambda _key: None,
) -> list[Failed]:
    """Train whoever is due; each profile is kept as soon as it is there.

    Raises
    ------
    SteadyhandError
        If the cohort or the background cannot be read, or a profile not be written.
    """
    layout = office.layout
    store = ProfileStore(layout.profiles_dir, office.keyring.once_trusted)
    sources = {user.key: user.source for user in plan.due}
    # What is there now is what is trained from: a recording that comes meanwhile makes the profile due again.
    prints = {user_key: fingerprint(source) for user_key, source in sources.items()}

    def keep(trained: Trained) -> None:
        profile = unpack_unsigned(trained.profile)
        store.put(profile, key)
        write_figures(
            layout, trained.user, trained.mouse, trained.figures | {"trained_from": prints[trained.key]}
        )

    shared = Shared(
        JudgementSettings(),
        datetime.now(UTC).replace(microsecond=0),
        cohort=own_cohort(office),
        keys=SourceKeys(recording_key(layout.paths)),
        background=own_background(office),
    )
    return run(plan.due, shared, pool, keep, progress)


def build_cohort(office: OpenOffice, key: SigningKey) -> dict[str, int]:
    """Build the office's cohort from everybody's recordings; returns each person's number in it.

    With fewer than two people there is none, and one that was there is deleted.

    Raises
    ------
    SteadyhandError
        If a recording cannot be read, or the cohort not be written.
    """
    layout, keys = office.layout, SourceKeys(recording_key(office.layout.paths))
    people = {
        person_id: [enrolment_by_key(source, person_id, keys) for source in mouse_folders(layout, person_id)]
        for person_id, person in office.people.by_id.items()
        if person.group != EXEMPT and mouse_folders(layout, person_id)
    }
    if len(people) < LEAST_PEOPLE:
        remove_cohort(layout)
        return {}
    numbers = {person_id: number for number, person_id in enumerate(sorted(people))}
    write_cohort(layout.cohorts_dir / COHORT, build(people), key)
    write_private(layout.cohorts_dir / NUMBERS, json.dumps(numbers, indent=2).encode() + b"\n")
    return numbers


def remove_cohort(layout: OfficeLayout) -> None:
    """Delete the office's cohort and the list of numbers in it.

    Raises
    ------
    SteadyhandError
        If one cannot be deleted.
    """
    for name in (COHORT, NUMBERS):
        with mendable(layout.cohorts_dir / name, "delete"):
            (layout.cohorts_dir / name).unlink(missing_ok=True)


def own_cohort(office: OpenOffice) -> Cohort | None:
    """The office's cohort; None where none was built.

    Raises
    ------
    SteadyhandError
        If it is there and cannot be read.
    """
    path = office.layout.cohorts_dir / COHORT
    return read_cohort(path, office.keyring.once_trusted) if path.exists() else None


def cohort_numbers(layout: OfficeLayout) -> dict[str, int]:
    """Each person's number in the office's cohort.

    Raises
    ------
    SteadyhandError
        If the list is damaged: nobody may be told from themselves.
    """
    path = layout.cohorts_dir / NUMBERS
    if not path.exists():
        return {}
    try:
        with mendable(path, "read"):
            return {str(person): int(number) for person, number in json.loads(path.read_bytes()).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise SteadyhandError(
            f"{path} is damaged ({error})", "build the cohort again: office cohort"
        ) from error


def mouse_folders(layout: OfficeLayout, person_id: str) -> tuple[Path, ...]:
    """A person's recordings: a folder for each mouse configuration."""
    folder = layout.recordings_dir / person_id
    return tuple(path for path in sorted(folder.glob("*")) if path.is_dir() and list_recordings(path))


def fingerprint(source: Path) -> str:
    """Changes with the recordings in a folder: their names and sizes."""
    names = sorted(f"{recording.path.name} {recording.size_bytes}" for recording in list_recordings(source))
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:32]


def figures_file(layout: OfficeLayout, person_id: str, mouse: str) -> Path:
    """What a profile rests on, beside it."""
    return layout.profiles_dir / f"{profile_name(person_id, mouse)}.json"


def figures_of(layout: OfficeLayout, person_id: str, mouse: str) -> dict[str, Any]:
    """The figures of a profile; none where it was not trained here, or they are damaged: then it is trained again."""
    try:
        figures = json.loads(figures_file(layout, person_id, mouse).read_bytes())
    except (OSError, ValueError):
        return {}
    return figures if isinstance(figures, dict) else {}


def write_figures(layout: OfficeLayout, person_id: str, mouse: str, figures: dict[str, Any]) -> None:
    """Keep the figures of a profile."""
    packed = json.dumps(figures, indent=2, ensure_ascii=False).encode() + b"\n"
    write_private(figures_file(layout, person_id, mouse), packed)


def policy_file(layout: OfficeLayout, group: str) -> Path:
    """The policy of a group: its own, else the default."""
    own = layout.policies_dir / f"{group}.json"
    return own if own.exists() else layout.policies_dir / "default.json"


def asked_of(layout: OfficeLayout, group: str) -> JudgementSettings:
    """The error rates that the group's policy asks for.

    Raises
    ------
    SteadyhandError
        If the policy cannot be read, or has a bad value.
    """
    path = policy_file(layout, group)
    with mendable(path, "read"):
        settings = parse_policy(path.read_bytes(), str(path))
    rates = {name: settings[f"judgement.{name}"] for name in _RATES if f"judgement.{name}" in settings}
    return JudgementSettings(**rates)
