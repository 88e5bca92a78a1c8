"""A real nginx hands out what an office publishes, and takes what agents hand over."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.config.loading import load_configuration
from agent.doctor import _folders
from agent.files.keys import computer_key, recording_key
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.recording import open_recording
from agent.files.sealing import SEALED
from agent.files.stream import Session
from agent.findings import Health
from agent.runtime.central.entry_fetch import FetchRequest
from agent.runtime.central.fetch import FetchReport
from agent.runtime.central.folder import Folder
from agent.runtime.central.index_fetch import fetch_published
from agent.runtime.central.recording_upload import RecordingUpload
from enroll.office.keyring import read_keyring
from tests.enroll.people import events_of
from tests.office.conftest import DESK, OfficeRun, admit
from tests.office.web_server import WebServer, nginx, serve

pytestmark = [
    pytest.mark.skipif(nginx() is None, reason="nginx is not installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="keys must belong to root"),
]
Serve = Callable[..., WebServer]


@pytest.fixture
def office(trained_office: Path, reachable: Path, capsys: pytest.CaptureFixture[str]) -> OfficeRun:
    """The small office where a web server comes through."""
    shutil.copytree(trained_office, reachable / "office")
    (reachable / "office").chmod(0o711)
    return OfficeRun(reachable / "office", capsys)


@pytest.fixture
def started(office: OfficeRun, reachable: Path) -> Iterator[Serve]:
    servers: list[WebServer] = []

    def start(**options: bool) -> WebServer:
        run = reachable / f"nginx{len(servers)}"
        servers.append(serve(office.layout.published_dir, reachable / "in", run, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


class Desk:
    """A computer that knows the office's public keys."""

    def __init__(self, root: Path, office: OfficeRun, account: str, computer: str) -> None:
        self.paths = Paths.under(private_dir(root))
        self.request = FetchRequest(account, computer, (DESK,), lambda: datetime.now(UTC))
        folder = self.paths.administrators_keys_dir
        folder.mkdir(parents=True)
        for part in (folder, folder.parent):
            part.chmod(0o755)
        for path in (office.root / "install").iterdir():
            (folder / path.name).write_bytes(path.read_bytes())

    def fetch(self, server: WebServer, **changes: str) -> FetchReport:
        return fetch_published(
            Folder.of_profiles(replace(server.central, **changes)), self.paths, self.request
        )


@pytest.fixture
def desk(office: OfficeRun, reachable: Path) -> Desk:
    return Desk(reachable / "desk", office, "ada", "pc-ada")


@pytest.mark.parametrize("etag", [True, False])
def test_an_agent_gets_its_profile_and_then_nothing_twice(
    office: OfficeRun, started: Serve, desk: Desk, etag: bool
) -> None:
    office("publish")
    server = started(etag=etag)
    report = desk.fetch(server)
    assert (len(report.profiles), report.policy, report.refused, report.trouble) == (1, True, [], "")
    assert load_configuration(desk.paths).settings.enrolment.local is False
    before = len(server.requests())
    for _ in range(3):
        again = desk.fetch(server)
        assert (again.profiles, again.policy, again.trouble) == ([], False, "")
        assert [line.rpartition(": ")[2] for line in again.lines] == ["nothing new", "nothing new"]
    assert len(server.requests()) == before + 3, "one small request a round"


def test_not_there_wrong_path_and_no_are_three_lines(
    office: OfficeRun, started: Serve, desk: Desk, reachable: Path
) -> None:
    office("publish")
    server = started()
    stranger = Desk(reachable / "other", office, "nobody", "pc-9")
    assert "has nothing for nobody on pc-9" in stranger.fetch(server).absent
    wrong = server.central.folder_url.replace("steadyhand", "steadyhnad")
    assert "neither steadyhand.index nor any file" in desk.fetch(server, folder_url=wrong).trouble
    assert desk.fetch(server, cert_file="", key_file="").trouble
    (office.layout.published_dir / "steadyhand.index").chmod(0o600)
    assert "answers 403" in desk.fetch(server).trouble


def test_the_doctor_tells_the_right_folder_from_a_wrong_one(office: OfficeRun, started: Serve) -> None:
    office("publish")
    server = started()
    central = replace(server.central, recordings_url="")
    (well,) = _folders(central)
    (wrong,) = _folders(replace(central, folder_url=central.folder_url + "/profiles"))
    assert (well.health, wrong.health) == (Health.OK, Health.DEGRADED)
    assert "the address may be wrong" in wrong.seen


def test_recordings_arrive_and_one_over_the_limit_holds_up_none(
    office: OfficeRun, started: Serve, desk: Desk, reachable: Path
) -> None:
    """nginx takes bodies of 1 MB unless told otherwise, and no administrator thinks of it beforehand."""
    server = started()
    key = recording_key(desk.paths)
    private_dir(desk.paths.recordings_dir)
    for name, actions in (("1-large", 4_000), ("2-small", 30)):
        events = events_of(0, 1, actions)
        with open_recording(desk.paths.recordings_dir / f"{name}.recording", key) as writer:
            writer.append([Session(DESK, int(events.t_ns[0]), 1_700_000_000_000_000_000, "capture"), events])
    public = read_keyring(office.layout.keyring_file).recordings_key
    sender = RecordingUpload(desk.paths, "ada", "pc-ada", lambda: 1_700_000_000.0)
    line = sender.go(replace(server.central, recordings_key=public), lambda: None, keep=False)
    assert "a recording is set aside" in line
    assert "answers 413" in line
    (arrived,) = (reachable / "in").glob(f"*{SEALED}")
    assert arrived.stat().st_size < 1_000_000
    assert [path.name for path in desk.paths.recordings_dir.iterdir()] == ["1-large.recording"]
    assert "1 kept apart: ada on pc-ada" in office("receive", reachable / "in", code=1)
    admit(office.layout, computer_key(desk.paths), "ada", "pc-ada")
    assert "1 recording of 1 person" in office("receive", reachable / "in")
