"""What an office of 100, 1,000 and 10,000 people costs: `python -m bench.office [--write]`.

Profiles are small stand-ins of 20 kB: the figures are those of the office, not of training or of copying megabytes.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from tqdm import tqdm

from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Limits, Profile
from agent.files.signing import SigningKey
from enroll.clock import utc_text
from enroll.office.founding import found_office
from enroll.office.layout import new_settings
from enroll.office.opening import OpenOffice, open_for_change
from enroll.office.people import OfficePerson, People, new_person
from enroll.office.publishing import publish
from enroll.store import ProfileStore

SIZES: Final = (100, 1_000, 10_000)
DOCUMENT: Final = Path(__file__).parents[1] / "docs" / "office.md"
BEGIN, END = "<!-- costs:begin -->\n", "<!-- costs:end -->\n"
MOUSE: Final = MouseConfiguration("evdev", "usb", "046d", "c077", name="Desk Mouse", cpi=1000)


def stand_in() -> Profile:
    """A valid profile of some 20 kB."""
    return Profile(
        profile_id=str(uuid.uuid4()),
        user="p-000000000000",
        mouse=MOUSE,
        features=("duration_s", "path_px"),
        kinds=(0, 1),
        detectors=("distance",),
        arrays={"distance/reference": np.random.default_rng(1).normal(size=(1250, 2))},
        limits=Limits(alert=3.0, lock=7.5, asked_per_40h=1.0, estimated=True),
        sequence=(1 << 32) + 1,
        created=utc_text(),
        expires="2036-01-01T00:00:00+00:00",
        summary={"actions": 1500, "hours": 4.0},
    )


def measure(people: int, folder: Path) -> dict[str, float]:
    """Seconds of each step in an office of so many people."""
    layout = found_office(folder / "office", new_settings(), None)
    with open_for_change(layout, "bench") as office:
        key = office.signing_key(None, None)
        store, profile = ProfileStore(layout.profiles_dir, office.keyring.trust), stand_in()
        everybody = [new_person(f"user{n}", f"pc{n}") for n in range(people)]

        def put(person_id: str) -> float:
            begun = time.perf_counter()
            store.put(replace(profile, user=person_id, profile_id=str(uuid.uuid4())), key)
            return time.perf_counter() - begun

        last = [put(person.person_id) for person in tqdm(everybody, unit="person", disable=None)][-1]
        office.keep_people(People(everybody))
        first = timed(lambda: publish(office, key))
        again = timed(lambda: publish(office, key))
        joiner = new_person("joiner", "pc-joiner")
        put(joiner.person_id)
        return {
            "store the last profile": last,
            "publish all": first,
            "publish again": again,
            "publish one more": timed(lambda: add(office, joiner, key)),
        }


def add(office: OpenOffice, joiner: OfficePerson, key: SigningKey) -> None:
    """One person more, and the publication after."""
    office.keep_people(office.people.with_person(joiner))
    publish(office, key)


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    """Measure, print the table, and put it into the document where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/office.md")
    options = parser.parse_args()
    columns: dict[int, dict[str, float]] = {}
    for people in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            columns[people] = measure(people, Path(folder))
    lines = ["| step | " + " | ".join(f"{n:,} people" for n in SIZES) + " |", "|---|" + "---|" * len(SIZES)]
    lines += [
        f"| {step} | " + " | ".join(f"{columns[n][step]:.2f} s" for n in SIZES) + " |"
        for step in columns[SIZES[0]]
    ]
    table = "\n".join(lines) + "\n"
    print(table)
    if options.write:
        text = DOCUMENT.read_text(encoding="utf-8")
        head, rest = text.split(BEGIN)
        DOCUMENT.write_text(head + BEGIN + table + END + rest.split(END)[1], encoding="utf-8")


if __name__ == "__main__":
    main()
