"""How often an enrolment is reported, and how often somebody else's is: ``python -m bench.enrolment_agreement DATA``.

DATA holds the folders balabit and sapimouse; of Balabit only the training files are read. The limits of
`enroll.likeness` were chosen on the lines that say "chosen"; the others were looked at with the limits as they are.
Sessions are cut to 500 actions.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from agent.engine.disagreement import Disagreement
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Profile
from enroll.cohort import cohort_rows
from enroll.datasets.balabit import accounts, training_sessions
from enroll.datasets.sapimouse import Person, people
from enroll.likeness import OUTLYING, OnFile, likeness, outlying_of
from enroll.sessions import SessionRows, session_rows
from enroll.train import train

MOUSE = MouseConfiguration("evdev", name="whatever it was")
FIRST_PEOPLE = 40
MOST_ACTIONS = 500

Enrolments = dict[str, tuple[SessionRows, ...]]


def main(arguments: list[str]) -> int:
    """Print one line for each part."""
    data = Path(arguments[0])
    earlier, later = _halves(data / "balabit")
    for name, before, after in (
        ("Balabit, chosen", earlier, later),
        ("Balabit, times exchanged", later, earlier),
    ):
        on_file = {user: train(sessions, user, MOUSE) for user, sessions in before.items()}
        for line in _lines(name, on_file, after):
            print(line, flush=True)
    everybody = people(data / "sapimouse")
    print(_crowd("SapiMouse, chosen: first 40", everybody[:FIRST_PEOPLE]))
    print(_crowd("SapiMouse, other 30", everybody[FIRST_PEOPLE:]))
    return 0


def _halves(folder: Path) -> tuple[Enrolments, Enrolments]:
    """Of every account the sessions of the first half and of the second."""
    told = {
        name: tuple(_short(session_rows(name, s.name, s)) for s in training_sessions(folder, name))
        for name in accounts(folder)
    }
    first = {name: sessions[: len(sessions) // 2] for name, sessions in told.items()}
    return first, {name: sessions[len(sessions) // 2 :] for name, sessions in told.items()}


def _short(session: SessionRows) -> SessionRows:
    return replace(session, rows=session.rows[:MOST_ACTIONS])


def _lines(name: str, on_file: dict[str, Profile], after: Enrolments) -> Iterator[str]:
    """Everybody enrolled again under their own name and under everybody else's, known on file and not."""
    everybody = tuple(on_file.values())
    own, swapped, unknown = Counter[Disagreement](), Counter[Disagreement](), Counter[Disagreement]()
    found_own = found_swapped = found_unknown = 0
    for who, sessions in after.items():
        told = likeness(sessions, who, MOUSE, OnFile(everybody)).found
        own.update(told)
        found_own += bool(told)
        for victim in on_file:
            if victim != who:
                told = likeness(sessions, victim, MOUSE, OnFile(everybody)).found
                swapped.update(told)
                found_swapped += bool(told)
                others = tuple(profile for profile in everybody if profile.user != who)
                told = likeness(sessions, victim, MOUSE, OnFile(others)).found
                unknown.update(told)
                found_unknown += bool(told)
    swaps = len(after) * (len(on_file) - 1)
    yield f"{name}: enrolled again: {found_own} of {len(after)} reported {_counts(own)}"
    yield f"{name}: as somebody else, on file: {found_swapped} of {swaps} {_counts(swapped)}"
    yield f"{name}: as somebody else, not on file: {found_unknown} of {swaps} {_counts(unknown)}"


def _crowd(name: str, some: Sequence[Person]) -> str:
    """Everybody against a cohort of all others."""
    rows = {p.number: session_rows(str(p.number), p.enrolment.name, p.enrolment) for p in some}
    told = [
        outlying_of(mine.rows, cohort_rows([s for other, s in rows.items() if other != number]))
        for number, mine in rows.items()
    ]
    far = sorted(value for value in told if value is not None)
    reported = sum(value >= OUTLYING for value in far)
    return f"{name}: {reported} of {len(far)} far from everybody; the farthest {far[-1]:.2f}"


def _counts(found: Counter[Disagreement]) -> str:
    return "(" + ", ".join(f"{one.value} {found[one]}" for one in Disagreement if found[one]) + ")"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
