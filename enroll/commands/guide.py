"""Guide: derives which step between recordings and a decision on locking is done, from what the files say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agent.config.policy import parse_policy
from agent.config.signed_policy import POLICY_NAME, open_policy
from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity
from agent.files.archive import read_bounded
from agent.files.documents import document_path
from agent.files.keys import PublicKey, Role, Trust
from agent.files.profile import PROFILE, open_profile
from enroll.clock import utc_now
from enroll.commands.office_guide import office_lines
from enroll.office.layout import find_office_or_none
from enroll.sources.listing import list_sources

LEAST_PEOPLE: Final = 3
POLICY: Final = '{"judgement": {"mode": "shadow", "false_locks_per_40h": 1.0}, "enrolment": {"local": false}}'
_TABLES: Final = "training_files"
_MOST_JSON_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step is.

    Attributes
    ----------
    done : bool
    words : str
        What there is of it; empty where nothing is.
    """

    done: bool
    words: str = ""


@dataclass(frozen=True, slots=True)
class GuideStep:
    """One step of the way.

    Attributes
    ----------
    what : str
        One sentence.
    progress : callable
        How far it is in a folder.
    command : str
        What to type, in the folder.
    """

    what: str
    progress: Callable[[Path], Progress]
    command: str


def guide_lines(folder: Path) -> Iterator[str]:
    """The steps, those that are done with their evidence, the others with what to type; from one to the next."""
    office = find_office_or_none(folder) if folder.is_dir() else None
    if office is not None:
        yield from office_lines(office)
        return
    next_is_shown = False
    for number, step in enumerate(STEPS, 1):
        progress = step.progress(folder)
        sign = "done" if progress.done else "    " if next_is_shown else "next"
        yield f"{sign}  {number}. {step.what}" + (f" ({progress.words})" if progress.words else "")
        if not progress.done:
            next_is_shown = True
            yield f"           {step.command}"
    yield ""
    guide = document_path("administrator.md")
    yield f"Then watch the alerts in shadow mode for some weeks; {guide} says what to look for."


def _key(folder: Path) -> Progress:
    names = sorted(path.name for path in folder.glob("*.pem") if b"PRIVATE KEY" in _head(path))
    return Progress(bool(names), _few(names))


def _people_in(folder: Path) -> set[str]:
    """Names of people with tables of events that can be read."""
    people = set()
    for person in sorted(p for p in folder.rglob("*") if p.is_dir() and p.parent.name == _TABLES):
        try:
            if list_sources(person).files:
                people.add(person.name)
        except SteadyhandError:
            continue  # what is no table makes nobody
    return people


def _people(folder: Path) -> Progress:
    count = len(_people_in(folder))
    return Progress(count >= LEAST_PEOPLE, quantity(count, "person", "people") if count else "")


def _profiles(folder: Path) -> Progress:
    """Valid ones, signed by a key whose public half lies here; of everybody who has tables here."""
    trust, have, bad = _trust(folder), set[str](), []
    for path in sorted(folder.rglob("*.profile")):
        try:
            signed = open_profile(read_bounded(path, PROFILE), str(path), trust, now=utc_now())
            have.add(signed.profile.user)
        except SteadyhandError:
            bad.append(path.name)
    missing = sorted(_people_in(folder) - have)
    words = [quantity(len(have), "person", "people")] if have else []
    words += [f"missing: {_few(missing)}"] if missing and have else []
    words += [f"not valid: {_few(bad)}"] if bad else []
    return Progress(bool(have) and not missing and not bad, "; ".join(words))


def _stream(folder: Path) -> Progress:
    names = [
        path.name
        for path, document in _documents(folder)
        if isinstance(hours := document.get("active_hours"), (int, float))
        and hours > 0
        and "false_locks_per_40h" in document
    ]
    return Progress(bool(names), _few(names))


def _report(folder: Path) -> Progress:
    names = sorted(
        path.name
        for path in folder.glob("*.html")
        if b"<html" in _head(path) and b"Steadyhand" in _head(path)
    )
    return Progress(bool(names), _few(names))


def _policy(folder: Path) -> Progress:
    names = []
    for path, document in _documents(folder):
        try:
            if "judgement" in document and parse_policy(path.read_bytes(), str(path)):
                names.append(path.name)
        except (OSError, SteadyhandError):
            continue  # a policy that no agent would take is none
    return Progress(bool(names), _few(names))


def _signed_policy(folder: Path) -> Progress:
    trust, names = _trust(folder), []
    for path in sorted(folder.rglob(POLICY_NAME)):
        try:
            open_policy(path.read_bytes(), str(path), trust)
            names.append(path.name)
        except (OSError, SteadyhandError):
            return Progress(False, f"{path.name} is not valid")
    return Progress(bool(names), _few(names))


def _trust(folder: Path) -> Trust:
    """The public halves that lie in the folder."""
    keys = {}
    for path in sorted(folder.glob("*.pub.pem")):
        try:
            key = PublicKey.from_pem(path.read_bytes(), str(path))
            keys[key.key_id] = (key, Role.ADMINISTRATOR)
        except (OSError, SteadyhandError):
            continue  # whoever signed with it shows as not valid
    return Trust(keys)


def _documents(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """JSON objects in the folder and below; somebody else's files are none of the steps."""
    for path in sorted(folder.rglob("*.json")):
        try:
            if path.stat().st_size > _MOST_JSON_BYTES:
                continue
            document = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(document, dict):
            yield path, document


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(65_536)
    except OSError:
        return b""


def _few(names: list[str]) -> str:
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return ", ".join(names[:2]) + more


STEPS: Final = (
    GuideStep("A signing key, kept off the endpoints", _key, "steadyhand-enroll key admin.pem"),
    GuideStep(
        "Sessions of at least three people, in training_files/NAME/session_N",
        _people,
        "steadyhand-enroll example pilot      # made-up people, to try the rest on",
    ),
    GuideStep(
        "A signed profile for each of them",
        _profiles,
        "steadyhand-enroll train pilot/training_files/NAME --user NAME --key admin.pem --out NAME.profile",
    ),
    GuideStep(
        "What locking would do, measured on sessions that no profile saw",
        _stream,
        "steadyhand-enroll evaluate stream pilot --folds all --json stream.json",
    ),
    GuideStep(
        "The report for whoever decides",
        _report,
        "steadyhand-enroll report stream.json --people 250 --out report.html",
    ),
    GuideStep("A policy, in shadow mode first", _policy, f"echo '{POLICY}' >policy.json"),
    GuideStep(
        "The same, signed, for an HTTPS folder that agents ask by themselves (or install it as root)",
        _signed_policy,
        "steadyhand-enroll policy policy.json --key admin.pem --out steadyhand.policy",
    ),
)
