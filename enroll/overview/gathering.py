"""Gathering: the rows of an office, or of a folder of profiles and one of recordings."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from agent.config.schema import JudgementSettings
from agent.engine.errors import SteadyhandError
from agent.files.private import mendable
from agent.files.profiles import SUFFIX
from agent.files.trust import Trust
from agent.files.versions import version_text
from enroll.office.catalogue import TRANSFERRED, CataloguedProfile, read_catalogue
from enroll.office.keyring import read_keyring
from enroll.office.layout import OfficeLayout
from enroll.office.people import EXEMPT, OfficePerson, People, read_people
from enroll.office.training import asked_of, fingerprint, mouse_folders
from enroll.overview.events import AgentState
from enroll.overview.rows import OverviewRow, ProfileFacts, person_rows
from enroll.sources.listing import list_sources

AgentStates = Mapping[tuple[str, str], AgentState]

_NO_CATALOGUE: Final = Path("/nonexistent/catalogue.json")


@dataclass(frozen=True, slots=True)
class Gathered:
    """Rows in the order of names, and how many people are exempt and left out of them."""

    rows: tuple[OverviewRow, ...]
    exempt: int


def gather_office(
    layout: OfficeLayout, states: AgentStates, now: datetime, *, agents_are_known: bool, with_names: bool
) -> Gathered:
    """The rows of an office.

    Raises
    ------
    SteadyhandError
        If the table of people, a policy, a profile or a folder cannot be read.
    """
    people = read_people(layout.people_file)
    trust = read_keyring(layout.keyring_file).once_trusted
    catalogue = read_catalogue(layout.catalogue_file, layout.profiles_dir, trust)
    by_person = _by_person(catalogue)
    agents = _agents_of(people, states)
    asked = {group: asked_of(layout, group) for group in {p.group for p in people.by_id.values()}}
    names = _mouse_names(layout.mice_file)
    rows: list[OverviewRow] = []
    shown = [person for person in people.by_id.values() if person.group != EXEMPT]
    for person in sorted(shown, key=lambda p: _order(p, with_names=with_names)):
        profiles = _office_profiles(
            layout, person, by_person[person.person_id], names, asked[person.group], now
        )
        label = person.label if with_names else person.person_id
        mine = agents[person.person_id]
        rows += person_rows(
            person.person_id, label, person.group, profiles, mine, now, agents_are_known=agents_are_known
        )
    return Gathered(tuple(rows), len(people.by_id) - len(shown))


def gather_folders(
    profiles_dir: Path,
    recordings: Path | None,
    trust: Trust,
    states: AgentStates,
    now: datetime,
    *,
    agents_are_known: bool,
    with_names: bool,
) -> Gathered:
    """The rows of a folder of profiles, and of one of recordings where there is one.

    Raises
    ------
    SteadyhandError
        If a folder or a profile cannot be read.
    """
    by_person = _by_person(read_catalogue(_NO_CATALOGUE, profiles_dir, trust))
    counts = Counter(file.person for file in list_sources(recordings).files) if recordings else Counter()
    if not by_person and not counts:
        raise SteadyhandError(f"{profiles_dir} holds no profile", "name the folder that profiles are kept in")
    rows: list[OverviewRow] = []
    for number, user in enumerate(sorted({*by_person, *counts}, key=str.casefold), 1):
        profiles = [
            _facts(name, profile, _figures(profiles_dir / name), "", counts[user], now)
            for name, profile in by_person[user]
        ] or [ProfileFacts("", "", recordings=counts[user], is_due=True)]
        mine = [state for state in states.values() if state.account.casefold() == user.casefold()]
        label = user if with_names else f"person {number}"
        person = user if with_names else label
        rows += person_rows(person, label, "", profiles, mine, now, agents_are_known=agents_are_known)
    return Gathered(tuple(rows), 0)


def _office_profiles(
    layout: OfficeLayout,
    person: OfficePerson,
    files: list[tuple[str, CataloguedProfile]],
    names: Mapping[str, str],
    asked: JudgementSettings,
    now: datetime,
) -> list[ProfileFacts]:
    folders = {folder.name: folder for folder in mouse_folders(layout, person.person_id)}
    facts = []
    for name, profile in files:
        figures = _figures(layout.profiles_dir / name)
        key = profile.mouse.removesuffix(TRANSFERRED)
        folder = folders.pop(key, None)
        recordings = len(list(folder.iterdir())) if folder else 0
        is_due = folder is not None and figures.get("trained_from") not in (None, fingerprint(folder))
        facts.append(
            _facts(name, profile, figures, names.get(key, key), recordings, now, asked=asked, is_due=is_due)
        )
    facts += [
        ProfileFacts(key, names.get(key, key), recordings=len(list(folder.iterdir())), is_due=True)
        for key, folder in folders.items()
    ]
    return facts


def _facts(
    name: str,
    profile: CataloguedProfile,
    figures: Mapping[str, Any],
    mouse_name: str,
    recordings: int,
    now: datetime,
    *,
    asked: JudgementSettings | None = None,
    is_due: bool = False,
) -> ProfileFacts:
    is_transferred = profile.mouse.endswith(TRANSFERRED)
    state = "transferred" if is_transferred else "valid"
    if profile.revoked:
        state = "revoked"
    elif datetime.fromisoformat(profile.expires) <= now:
        state = "expired"
    return ProfileFacts(
        profile.mouse.removesuffix(TRANSFERRED),
        mouse_name,
        version_text(profile.sequence),
        state,
        profile.expires,
        figures,
        recordings,
        is_due,
        _difference(figures, asked),
    )


def _difference(figures: Mapping[str, Any], asked: JudgementSettings | None) -> str:
    """Where a profile's own limits hold instead of policy's."""
    own = figures.get("false_locks_asked_per_40h")
    if asked is None or not isinstance(own, int | float) or abs(own - asked.false_locks_per_40h) < 1e-9:
        return ""
    return f"its limits are for {own:g} false locks in 40 h, policy asks for {asked.false_locks_per_40h:g}"


def _by_person(
    catalogue: Mapping[str, CataloguedProfile],
) -> defaultdict[str, list[tuple[str, CataloguedProfile]]]:
    by_person: defaultdict[str, list[tuple[str, CataloguedProfile]]] = defaultdict(list)
    for name, profile in sorted(catalogue.items()):
        by_person[profile.person].append((name, profile))
    return by_person


def _agents_of(people: People, states: AgentStates) -> defaultdict[str, list[AgentState]]:
    agents: defaultdict[str, list[AgentState]] = defaultdict(list)
    for state in states.values():
        person = people.of_account(state.account, state.host)
        if person is not None:
            agents[person.person_id].append(state)
    return agents


def _figures(profile_file: Path) -> Mapping[str, Any]:
    """What training wrote beside a profile; nothing where it was made elsewhere."""
    try:
        figures = json.loads(
            profile_file.with_name(profile_file.name.removesuffix(SUFFIX) + ".json").read_bytes()
        )
    except (OSError, ValueError):
        return {}
    return figures if isinstance(figures, dict) else {}


def _mouse_names(path: Path) -> Mapping[str, str]:
    if not path.exists():
        return {}
    with mendable(path, "read"), path.open(encoding="utf-8", newline="") as lines:
        return {row["mouse"]: row["name"] for row in csv.DictReader(lines) if row.get("mouse")}


def _order(person: OfficePerson, *, with_names: bool) -> tuple[str, str]:
    return (person.label.casefold() if with_names else "", person.person_id)
