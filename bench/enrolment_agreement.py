"""How often an enrolment is reported, and how often somebody else's is: ``python -m bench.enrolment_agreement DATA``.

DATA holds the folders balabit and sapimouse; of Balabit only the training files are read. The limits of
`enroll.likeness` were chosen on the lines that say "chosen"; the others were looked at with the limits as they are.
Sessions are cut to 500 actions.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from _fastfeat import ActionRows
from agent.engine.disagreement import Disagreement
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Profile
from enroll.cohort import cohort_rows
from enroll.datasets.balabit import accounts, training_sessions
from enroll.datasets.sapimouse import SapimousePerson, people
from enroll.likeness import OUTLYING, far_sd, mean_deviate, outlying_of, with_profiles
from enroll.sessions import SessionRows, session_rows
from enroll.train import train

MOUSE = MouseConfiguration("evdev", name="whatever it was")
FIRST_PEOPLE = 40
MOST_ACTIONS = 500

Enrolments = dict[str, tuple[SessionRows, ...]]


def main(arguments: list[str]) -> int:
    """Print one line for each part."""
    data_dir = Path(arguments[0])
    earlier, later = _halves(data_dir / "balabit")
    for name, before, after in (
        ("Balabit, chosen", earlier, later),
        ("Balabit, times exchanged", later, earlier),
    ):
        on_file = {user: train(sessions, user, MOUSE) for user, sessions in before.items()}
        for line in _lines(name, on_file, after):
            print(line, flush=True)
    everybody = people(data_dir / "sapimouse")
    print(_crowd("SapiMouse, chosen: first 40", everybody[:FIRST_PEOPLE]))
    print(_crowd("SapiMouse, other 30", everybody[FIRST_PEOPLE:]))
    return 0


def _halves(folder: Path) -> tuple[Enrolments, Enrolments]:
    """Of every account the sessions of the first half and of the second."""
    halves = {
        name: tuple(_short(session_rows(name, s.name, s)) for s in training_sessions(folder, name))
        for name in accounts(folder)
    }
    first = {name: sessions[: len(sessions) // 2] for name, sessions in halves.items()}
    return first, {name: sessions[len(sessions) // 2 :] for name, sessions in halves.items()}


def _short(session: SessionRows) -> SessionRows:
    return replace(session, rows=session.rows[:MOST_ACTIONS])


def _lines(name: str, on_file: dict[str, Profile], after: Enrolments) -> Iterator[str]:
    """Everybody enrolled again under their own name and under everybody else's, known on file and not."""
    own, swapped, unknown = Found(), Found(), Found()
    for who, sessions in after.items():
        rows = ActionRows.concat([s.rows for s in sessions])
        alike = {user: mean_deviate(profile, rows) or 0.0 for user, profile in on_file.items()}
        for claimed, profile in on_file.items():
            others = {user: sd for user, sd in alike.items() if user != claimed}
            far = far_sd(profile)
            disagreements = with_profiles(alike[claimed], far, max(others.values()))
            (own if claimed == who else swapped).add(disagreements)
            if claimed != who:
                del others[who]
                unknown.add(with_profiles(alike[claimed], far, max(others.values())))
    yield f"{name}: enrolled again: {own}"
    yield f"{name}: as somebody else, on file: {swapped}"
    yield f"{name}: as somebody else, not on file: {unknown}"


@dataclass
class Found:
    """How many enrolments were reported, and for what."""

    enrolments: int = 0
    reported: int = 0
    kinds: Counter[Disagreement] = field(default_factory=Counter)

    def add(self, disagreements: Sequence[Disagreement]) -> None:
        """Count one enrolment."""
        self.enrolments += 1
        self.reported += bool(disagreements)
        self.kinds.update(disagreements)

    def __str__(self) -> str:
        kinds = ", ".join(f"{kind.value} {self.kinds[kind]}" for kind in Disagreement if self.kinds[kind])
        return f"{self.reported} of {self.enrolments} reported ({kinds})"


def _crowd(name: str, some: Sequence[SapimousePerson]) -> str:
    """Everybody against a cohort of all others."""
    rows = {p.number: session_rows(str(p.number), p.enrolment.name, p.enrolment) for p in some}
    distances = [
        outlying_of(mine.rows, cohort_rows([s for other, s in rows.items() if other != number]))
        for number, mine in rows.items()
    ]
    far = sorted(distance for distance in distances if distance is not None)
    reported = sum(distance >= OUTLYING for distance in far)
    return f"{name}: {reported} of {len(far)} far from everybody; the farthest {far[-1]:.2f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
