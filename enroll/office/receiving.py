"""Reception of recordings in an office: what agents handed over, and tables, sorted by person and mouse."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from agent.engine.errors import SteadyhandError
from agent.engine.events import StreamItem
from agent.engine.mouse import MouseConfiguration
from agent.files.keys import recording_key
from agent.files.private import mendable, write_private
from agent.files.recording import read_recording
from agent.files.recordings import SUFFIX
from agent.files.sealing import Origin
from agent.files.stream import Session
from enroll.datasets.csvfile import detect_format
from enroll.datasets.session import TableSession
from enroll.office.opening import OpenOffice
from enroll.office.people import OfficePerson, new_person
from enroll.sources.importing import import_table, plan_import
from enroll.sources.keeping import keep_recording
from enroll.sources.recorded import opened

MICE_COLUMNS = ("mouse", "name", "cpi")


@dataclass(slots=True)
class Reception:
    """What came of one reception.

    Attributes
    ----------
    received : int
        New recordings.
    known : int
        Recordings that were here already.
    new_people : list of OfficePerson
        Accounts that the table of people did not have.
    people : set of str
        Ids of those whose recordings came.
    problems : list of str
        What could not be received, a line each; the rest was.
    files : list of Path
        Sealed files whose recordings are kept now.
    """

    received: int = 0
    known: int = 0
    new_people: list[OfficePerson] = field(default_factory=list)
    people: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)

    def delete_received(self) -> None:
        """Delete the sealed files whose recordings are kept here now.

        Raises
        ------
        SteadyhandError
            If one cannot be deleted.
        """
        for file in self.files:
            with mendable(file, "delete"):
                file.unlink(missing_ok=True)


def receive_sealed(
    office: OpenOffice, files: Iterable[Path], key: X25519PrivateKey, admits: Callable[[Origin], bool]
) -> Reception:
    """Open sealed recordings and keep each with its person, encrypted with the office's recording key.

    An account that the table of people does not have becomes a person of their own: two kiosks' `user` stay two.

    Raises
    ------
    SteadyhandError
        If the office cannot be written. A file that cannot be opened is a problem, and the rest goes on.
    """
    reception = Reception()
    own_key = recording_key(office.layout.paths)
    mice: dict[str, MouseConfiguration] = {}
    for file in files:
        try:
            origin, items = opened(file, key)
            if admits(origin):
                _receive_file(office, file, origin, items, own_key, reception, mice)
                reception.files.append(file)
        except SteadyhandError as error:
            reception.problems.append(str(error))
    _note_mice(office.layout.mice_file, mice.values())
    return reception


def import_tables(office: OpenOffice, source: Path, person: OfficePerson) -> Reception:
    """Keep the tables at `source` as one person's recordings.

    Raises
    ------
    SteadyhandError
        If a table is malformed; what was imported before it stays, and the same call goes on there.
    """
    reception = Reception(people={person.person_id})
    own_key = recording_key(office.layout.paths)
    mice: dict[str, MouseConfiguration] = {}
    plans, _ = plan_import(source, Path())
    for plan in plans:
        table = detect_format(plan.file.path)
        mouse = MouseConfiguration(table.capture)
        name = f"{plan.file.person}-{plan.path.name}"
        target = office.layout.recordings_dir / person.person_id / mouse.key / name
        mice[mouse.key] = mouse
        session = TableSession(plan.file.person, plan.file.name, plan.file.path, table)
        if import_table(session, target, own_key) is None:
            reception.known += 1
        else:
            reception.received += 1
    _note_mice(office.layout.mice_file, mice.values())
    return reception


def clear_scratch(recordings_dir: Path) -> None:
    """Remove what was left by a reception that was killed."""
    for pattern in ("*/*/*.half", "*/*/.*.part"):
        for path in recordings_dir.glob(pattern):
            path.unlink()


def mouse_of(recording: Path, key: bytes) -> MouseConfiguration | None:
    """The mouse configuration that a recording begins with."""
    items = read_recording(recording, key).items()
    return next((item.mouse for item in items if isinstance(item, Session)), None)


def _receive_file(
    office: OpenOffice,
    file: Path,
    origin: Origin,
    items: list[StreamItem | Session],
    own_key: bytes,
    reception: Reception,
    mice: dict[str, MouseConfiguration],
) -> None:
    mouse = next((item.mouse for item in items if isinstance(item, Session)), None)
    if mouse is None:
        raise SteadyhandError(f"{file} names no mouse", "delete it")
    person = _person_of(office, origin.user, origin.host, str(file), reception)
    mice[mouse.key] = mouse
    # Two computers may both have a first recording: the name holds which one it comes from.
    place = hashlib.sha256(f"{origin.host}\0{origin.name}".encode()).hexdigest()[:8]
    stem = "".join(char if char.isalnum() or char in "-_" else "-" for char in Path(origin.name).stem)[:64]
    target = office.layout.recordings_dir / person.person_id / mouse.key / f"{stem}-{place}{SUFFIX}"
    reception.people.add(person.person_id)
    if target.exists():
        reception.known += 1
        return
    keep_recording(target, own_key, items)
    reception.received += 1


def _person_of(
    office: OpenOffice, account: str, computer: str, where: str, reception: Reception
) -> OfficePerson:
    try:
        person = office.people.of_account(account, computer)
    except ValueError as error:
        raise SteadyhandError(f"{where} does not say whose it is ({error})", "delete it") from error
    if person is None:
        person = new_person(account, computer)
        office.keep_people(office.people.with_person(person))
        reception.new_people.append(person)
    return person


def _note_mice(path: Path, mice: Iterable[MouseConfiguration]) -> None:
    """Add mouse configurations that were not met before to the table of mice."""
    rows = {}
    if path.exists():
        with mendable(path, "read"), path.open(encoding="utf-8", newline="") as lines:
            rows = {row["mouse"]: row for row in csv.DictReader(lines)}
    before = dict(rows)
    for mouse in mice:
        rows.setdefault(
            mouse.key, {"mouse": mouse.key, "name": mouse.name or mouse.capture, "cpi": str(mouse.cpi or "")}
        )
    if rows == before:
        return
    out = io.StringIO()
    writer = csv.DictWriter(out, MICE_COLUMNS, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows.values())
    write_private(path, out.getvalue().encode())
