"""How often people's own mouse movement is taken for a program's: ``python -m bench.scripted_movement DATA``.

DATA holds the folders balabit and sapimouse. The limits of `agent.engine.scripted` were set on the first part of
each; the second part was looked at with the limits as they are.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from agent.engine.events import EventBatch, StreamItem
from agent.engine.scripted import ScriptedMovement, ScriptedSign
from agent.runtime.lifecycle.rate_limit import ActiveTime
from enroll.datasets.balabit import accounts, labelled_sessions, training_sessions
from enroll.datasets.sapimouse import people

FIRST_PEOPLE = 40


def main(arguments: list[str]) -> int:
    """Print one line for each part."""
    data_dir = Path(arguments[0])
    balabit, sapimouse = data_dir / "balabit", data_dir / "sapimouse"
    everybody = people(sapimouse)
    parts: dict[str, Iterable[Iterable[StreamItem]]] = {
        "Balabit, training": (s for name in accounts(balabit) for s in training_sessions(balabit, name)),
        "SapiMouse, first 40": (s for p in everybody[:FIRST_PEOPLE] for s in (p.enrolment, p.test)),
        "Balabit, test": (labelled.session for labelled in labelled_sessions(balabit)),
        "SapiMouse, other 30": (s for p in everybody[FIRST_PEOPLE:] for s in (p.enrolment, p.test)),
    }
    for name, sessions in parts.items():
        print(_line(name, sessions))
    return 0


def _line(name: str, sessions: Iterable[Iterable[StreamItem]]) -> str:
    signs: Counter[ScriptedSign] = Counter()
    hours = 0.0
    for session in sessions:
        watch, active = ScriptedMovement(), ActiveTime()
        for item in session:
            if isinstance(item, EventBatch) and len(item):
                active.events(int(item.t_ns[0]), int(item.t_ns[-1]))
            signs.update(suspicion.sign for suspicion in watch.feed(item))
        hours += active.total_ns / 3.6e12
    counts = ", ".join(f"{sign.name.lower()} {signs[sign]}" for sign in ScriptedSign)
    return f"{name:<26} {hours:6.1f} h of use   {counts}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
