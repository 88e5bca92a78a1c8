"""Guide: derives which step between recordings and a decision on locking is done, and which comes next."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.config.signed_policy import POLICY_NAME

LEAST_PEOPLE: Final = 3

POLICY: Final = '{"judgement": {"mode": "shadow", "false_locks_per_40h": 1.0}, "enrolment": {"local": false}}'


@dataclass(frozen=True, slots=True)
class GuideStep:
    """One step of the way.

    Attributes
    ----------
    what : str
        One sentence.
    evidence : callable
        What of it is in a folder, in words; empty where nothing is.
    command : str
        What to type, in the folder.
    """

    what: str
    evidence: Callable[[Path], str]
    command: str


def guide_lines(folder: Path) -> Iterator[str]:
    """The steps, those that are done with their evidence, the others with what to type; from one to the next."""
    next_is_told = False
    for number, step in enumerate(STEPS, 1):
        evidence = step.evidence(folder)
        sign = "done" if evidence else "    " if next_is_told else "next"
        yield f"{sign}  {number}. {step.what}" + (f" ({evidence})" if evidence else "")
        if not evidence:
            next_is_told = True
            yield f"           {step.command}"
    yield ""
    yield "Then watch the alerts in shadow mode for some weeks; docs/administrator.md says what to look for."


def _key(folder: Path) -> str:
    return _named(p for p in folder.glob("*.pem") if not p.name.endswith(".pub.pem"))


def _people(folder: Path) -> str:
    people = {p.parent for p in folder.rglob("session_*") if p.parent.parent.name == "training_files"}
    return f"{len(people)} people" if len(people) >= LEAST_PEOPLE else ""


def _profiles(folder: Path) -> str:
    return _named(folder.rglob("*.profile"))


def _stream(folder: Path) -> str:
    return _named(p for p in folder.rglob("*.json") if _holds(p, "false_locks_per_40h", "active_hours"))


def _report(folder: Path) -> str:
    return _named(folder.glob("*.html"))


def _policy(folder: Path) -> str:
    return _named(p for p in folder.rglob("*.json") if _holds(p, "judgement"))


def _signed_policy(folder: Path) -> str:
    return _named(folder.rglob(POLICY_NAME))


def _holds(path: Path, *keys: str) -> bool:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        # Somebody else's file: it is none of the steps.
        return False
    return isinstance(document, dict) and all(key in document for key in keys)


def _named(paths: Iterator[Path]) -> str:
    names = sorted(path.name for path in paths)
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
