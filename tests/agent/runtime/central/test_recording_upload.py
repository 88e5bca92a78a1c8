"""Recordings on their way to the administrator: a real HTTPS server that wants a certificate, and loses answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from agent.config.schema import CentralSettings, EnrolmentSettings
from agent.engine.events import Boundary, Cause
from agent.files.keys import computer_key
from agent.files.ledger import Gone, RecordingLedger
from agent.files.paths import Paths
from agent.files.private import private_dir, write_private
from agent.files.recording_keys import RecordingKeys
from agent.files.sealing import SEALED, create_opening_key, load_opening_key, unseal
from agent.files.stream import Session
from agent.files.upload_log import read_handed
from agent.runtime.central.recording_upload import RecordingUpload
from agent.runtime.learning.enrolment import EnrolmentRecorder as Learning
from agent.runtime.learning.session_recording import EnrolmentClocks
from enroll.cli import main
from tests.agent.alerts.transports.http_stub import Stub, hang_up, serving
from tests.agent.runtime.fakes import MINUTE, MOUSE, clicks

WANTED = EnrolmentSettings(local=False, actions=100, sessions=2)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    private_dir(tmp_path / "user")
    return Paths.under(tmp_path / "user")


@pytest.fixture
def received(tmp_path: Path) -> Iterator[tuple[Stub, CentralSettings]]:
    """A server that asks for this computer's certificate, and the policy that names it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    mine = authority.issue_cert("desk-7")
    mine.private_key_and_cert_chain_pem.write_to_path(tmp_path / "desk.pem")
    private_dir(tmp_path / "keys")
    public = create_opening_key(tmp_path / "keys" / "recordings.pem")
    with serving(tls=authority.issue_cert("localhost"), client_ca=authority) as stub:
        yield (
            stub,
            CentralSettings(
                recordings_url=stub.url("/in", "https"),
                recordings_key=public,
                ca_file=str(tmp_path / "ca.pem"),
                cert_file=str(tmp_path / "desk.pem"),
                key_file=str(tmp_path / "desk.pem"),
            ),
        )


def learning(paths: Paths) -> Learning:
    clocks = EnrolmentClocks(iter(range(10**9)).__next__, lambda: 1_700_000_000 * 10**9)
    made = Learning(paths.recordings_dir, RecordingKeys(paths), MOUSE, WANTED, clocks, read_handed(paths))
    made.resume()
    return made


def record(paths: Paths, actions: int = 60) -> Learning:
    """One session, closed."""
    made = learning(paths)
    made.append(clicks(actions))
    made.append(Boundary(30 * MINUTE, Cause.SCREEN_LOCKED))
    return made


@pytest.fixture
def hand_over(received: tuple[Stub, CentralSettings], paths: Paths) -> Callable[..., str]:
    sender = RecordingUpload(paths, "ada", "desk-7", lambda: 1_700_000_000.0)

    def go(open_file: Path | None = None, keep: bool = False, central: CentralSettings = received[1]) -> str:
        return sender.go(central, lambda: open_file, keep=keep)

    return go


def test_it_arrives_sealed_under_its_hash_and_only_then_it_is_deleted(
    received: tuple[Stub, CentralSettings], paths: Paths, hand_over: Callable[..., str], tmp_path: Path
) -> None:
    record(paths)
    (recording,) = paths.recordings_dir.iterdir()
    ledger = RecordingLedger(paths)
    ledger.gone()
    assert hand_over() == ""
    assert ledger.gone() == Gone(), "what was handed over is not reported as erased"
    (request,) = received[0].requests
    digest = hashlib.sha256(request.body).hexdigest()
    assert request.path.startswith("/in/")
    assert request.path.endswith(f"-{recording.stem}-{digest[:16]}{SEALED}")
    assert "ada" not in request.path
    assert request.headers["If-None-Match"] == "*"
    key = load_opening_key(tmp_path / "keys" / "recordings.pem")
    origin, items = unseal(request.body, key, "it")
    assert (origin.user, origin.host, origin.name) == ("ada", "desk-7", recording.name)
    assert isinstance(items[0], Session)
    assert [*paths.recordings_dir.iterdir(), *paths.outgoing_dir.iterdir()] == []
    (handed,) = read_handed(paths)
    assert (handed.actions, handed.sha256, handed.mouse_key) == (60, digest, MOUSE.key)


@pytest.mark.parametrize("trouble", [500, 403, hang_up])
def test_what_is_not_acknowledged_stays_and_is_sent_again_as_the_same_file(
    received: tuple[Stub, CentralSettings], paths: Paths, hand_over: Callable[..., str], trouble: object
) -> None:
    stub = received[0]
    record(paths)
    stub.script = [trouble]
    assert "recordings wait to be handed over" in hand_over()
    assert (len(list(paths.recordings_dir.iterdir())), read_handed(paths)) == (1, ())
    # The answer was lost, the file was not: the receiver says that it has it.
    stub.script = [412]
    assert hand_over() == ""
    first, *_, last = stub.requests
    assert (first.path, first.body) == (last.path, last.body)
    assert list(paths.recordings_dir.iterdir()) == []


def test_the_open_recording_is_left_alone_and_kept_ones_are_sent_once(
    received: tuple[Stub, CentralSettings], paths: Paths, hand_over: Callable[..., str]
) -> None:
    record(paths)
    running = learning(paths)
    running.append(clicks(5))
    assert running.open_file is not None
    for _ in range(2):
        assert hand_over(running.open_file, keep=True) == ""
    assert len(received[0].requests) == 1
    assert len(list(paths.recordings_dir.iterdir())) == 2
    running.close()
    assert running.open_file is None


def test_learning_counts_what_was_handed_over_and_ends_when_there_is_enough(
    paths: Paths, hand_over: Callable[..., str]
) -> None:
    record(paths)
    hand_over()
    again = learning(paths)
    assert (again.actions, again.sessions) == (60, 1)
    again.append(clicks(60))
    assert again.share == 1.0
    again.append(clicks(60, 60 * MINUTE))
    again.append(clicks(60, 61 * MINUTE))
    assert (again.actions, again.open_file) == (120, None)
    assert not again.claim_training()
    assert "your administrator makes the profile" in again.progress()


def test_no_more_than_policy_says(
    received: tuple[Stub, CentralSettings], paths: Paths, hand_over: Callable[..., str]
) -> None:
    record(paths)
    told = hand_over(central=replace(received[1], recordings_most_mb=0.0001))
    assert "central.recordings_most_mb" in told
    assert received[0].requests == []


def test_without_the_certificate_nothing_is_sent(
    received: tuple[Stub, CentralSettings], paths: Paths, hand_over: Callable[..., str]
) -> None:
    record(paths)
    assert "certificate" in hand_over(central=replace(received[1], cert_file="", key_file=""))
    assert received[0].requests == []
    assert len(list(paths.recordings_dir.iterdir())) == 1


def test_the_administrator_opens_them_by_mouse_and_person(
    received: tuple[Stub, CentralSettings],
    paths: Paths,
    hand_over: Callable[..., str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    record(paths)
    hand_over()
    store, out = tmp_path / "store", tmp_path / "recordings"
    store.mkdir()
    body = received[0].requests[0].body
    (store / f"a{SEALED}").write_bytes(body)
    call = ["receive", str(store), "--key", str(tmp_path / "keys" / "recordings.pem"), "--out", str(out)]
    root = ["--root", str(private_dir(tmp_path / "admin"))]
    assert main([*call, *root]) == 1
    apart = capsys.readouterr().out
    key = computer_key(paths).key_id
    assert f"1 kept apart: ada on desk-7, key {key}: not admitted" in apart
    assert not out.exists()
    assert main(["computers", "list", *root]) == 0
    assert "waiting" in capsys.readouterr().out
    assert main(["computers", "admit", key, *root]) == 0
    assert f"admitted: {key}  ada on desk-7" in capsys.readouterr().out
    assert main([*call, *root, "--dry-run"]) == 0
    assert "1 new recordings would be in" in capsys.readouterr().out
    assert not out.exists()
    assert main([*call, *root]) == 0
    (kept,) = out.rglob("*.recording")
    assert kept.parent == out / MOUSE.key / "ada"
    assert main([*call, *root]) == 0, "a second time nothing is new"
    (store / f"b{SEALED}").write_bytes(body[:-1] + bytes([body[-1] ^ 1]))
    assert main([*call, *root]) == 1
    assert "was changed" in capsys.readouterr().out


def test_a_person_who_was_not_told_hands_nothing_over(paths: Paths) -> None:
    from agent.config.loading import Configuration
    from agent.config.schema import Settings
    from agent.runtime.central.administration import Administration
    from agent.runtime.status.privacy_facts import PrivacyFacts
    from agent.runtime.status.privacy_notice import sentences

    central = CentralSettings(recordings_url="https://recordings.example", recordings_key="A" * 43 + "=")
    settings = Settings(enrolment=WANTED, central=central)
    sent: list[CentralSettings] = []

    class Sends:
        def go(self, central: CentralSettings, *_: object, **__: object) -> str:
            sent.append(central)
            return ""

    made = Administration(
        paths,
        "ada",
        Configuration(settings, {}, {}, "", ()),
        None,  # type: ignore[arg-type]
        Sends(),  # type: ignore[arg-type]
        lambda: None,
        None,  # type: ignore[arg-type]
    )
    private_dir(paths.state_dir)
    words = sentences(PrivacyFacts(learns_here=False))
    write_private(paths.introduced_file, "\n".join(words).encode())
    assert (made.handed_over(), made.hand_over(), sent) == (None, "", [])
    words = sentences(PrivacyFacts(learns_here=False, handed_to="recordings.example"))
    write_private(paths.introduced_file, "\n".join(words).encode())
    assert (made.handed_over(), made.hand_over(), sent) == ((), "", [central])
    made.configuration = Configuration(replace(settings, enrolment=EnrolmentSettings()), {}, {}, "", ())
    assert made.handed_over() is None, "this computer learns by itself"


def test_what_is_refused_for_good_is_set_aside_and_the_rest_goes_on(
    received: tuple[Stub, CentralSettings], paths: Paths
) -> None:
    """A receiver's limit of size must not hold up every recording that comes after."""
    now = [1_700_000_000.0]
    sender = RecordingUpload(paths, "ada", "desk-7", lambda: now[0])

    def go() -> str:
        return sender.go(received[1], lambda: None, keep=False)

    record(paths)
    record(paths)
    stub = received[0]
    stub.script = [413, 201]
    line = go()
    assert "a recording is set aside" in line
    assert "answers 413" in line
    assert "MB" in line
    assert (len(list(paths.recordings_dir.iterdir())), len(read_handed(paths))) == (1, 1)
    assert "a recording is set aside" in go()
    assert len(stub.requests) == 2, "it is not sent again and again"
    now[0] += 86_400
    assert go() == "", "somebody raised the limit: a day later it is tried again"
    assert list(paths.recordings_dir.iterdir()) == []
    (entry,) = ((paths.state_dir / "refused.json").read_text(),)
    assert entry == "{}"


def test_too_much_of_one_mouse_holds_up_no_other(
    received: tuple[Stub, CentralSettings], paths: Paths, hand_over: Callable[..., str]
) -> None:
    record(paths)
    assert hand_over() == ""
    record(paths)
    (first,) = read_handed(paths)
    most = replace(received[1], recordings_most_mb=(first.size_bytes + 1) / 1e6)
    assert "central.recordings_most_mb" in hand_over(central=most)
    assert len(list(paths.recordings_dir.iterdir())) == 1
