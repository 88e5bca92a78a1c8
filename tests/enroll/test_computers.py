"""Computers that hand recordings over: what nobody admitted is kept apart, whoever it says that it is."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.files.keys import SigningKey
from agent.files.paths import Paths
from agent.files.private import private_dir, write_private
from agent.files.sealing import Origin, create_opening_key, seal, unseal
from agent.files.stream import Session
from enroll.cli import main
from enroll.computers import MOST_WAITING, Admission, AdmissionDesk, Computers, computers_file, read_computers
from tests.agent.files.test_recording import events

ADA, EVE = (SigningKey(Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in (1, 2))
OPENING = X25519PrivateKey.from_private_bytes(bytes([3]) * 32)
PUBLIC = base64.b64encode(OPENING.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
ITEMS = [Session(MouseConfiguration("evdev", "usb", "046d", "c077"), 0, 1), events(3)]


def handed(origin: Origin, key: SigningKey | None) -> Origin:
    return unseal(seal(origin, ITEMS, PUBLIC, key), OPENING, "it")[0]


def admitted(*origins: Origin) -> Computers:
    computers = Computers()
    for origin in origins:
        computers = computers.with_request(origin)
    return computers.with_admission([each.key.key_id for each in computers], Admission.ADMITTED)


ADAS = Origin("ada", "desk-7", "0001.recording")


def test_what_an_admitted_computer_signed_is_taken() -> None:
    origin = handed(ADAS, ADA)
    assert origin.computer == ADA.public
    assert admitted(origin).refusal(origin) == ""


def test_a_stranger_cannot_put_a_hand_under_somebodys_name() -> None:
    computers = admitted(handed(ADAS, ADA))
    forged = handed(Origin("boss", "desk-1", "0001.recording"), EVE)
    assert f"boss on desk-1, key {EVE.key_id}: not admitted" in computers.refusal(forged)
    assert "not admitted" in computers.with_request(forged).refusal(forged), "a request admits nobody"
    assert "not signed" in computers.refusal(handed(ADAS, None))
    assert computers.refusal(handed(ADAS, None), takes_unsigned=True) == ""


@pytest.mark.parametrize("origin", [Origin("boss", "desk-7", "x"), Origin("ada", "desk-8", "x")])
def test_an_admitted_computer_speaks_for_its_own_account_and_host_alone(origin: Origin) -> None:
    computers = admitted(handed(ADAS, ADA))
    assert "was admitted for ada on desk-7" in computers.refusal(handed(origin, ADA))


def test_a_revoked_computer_is_taken_from_no_more() -> None:
    origin = handed(ADAS, ADA)
    computers = admitted(origin).with_admission([ADA.key_id], Admission.REVOKED)
    assert "revoked on 20" in computers.refusal(origin)
    assert "revoked" in computers.with_request(origin).refusal(origin), "it cannot ask again"


def test_a_signature_is_for_this_recording_and_this_administrator() -> None:
    sealed = seal(ADAS, ITEMS, PUBLIC, ADA)
    other = X25519PrivateKey.from_private_bytes(bytes([4]) * 32)
    others = base64.b64encode(other.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    with pytest.raises(SteadyhandError, match="another key"):
        unseal(sealed, other, "it")
    from agent.files import sealing

    receiver = base64.b64decode(PUBLIC)
    plain = _plain(sealed, OPENING)
    for forged in (
        plain.replace(b'"user": "ada"', b'"user": "eve"'),
        EVE.public.raw + plain[32:],
        plain[:96] + plain[97:],
        plain[:32] + bytes(64) + plain[96:],
        plain[:50],
    ):
        with pytest.raises(SteadyhandError, match=r"signature does not fit|holds no recording"):
            unseal(sealing._encrypted(forged, receiver, b"SHSEAL\x00\x02"), OPENING, "it")
    with pytest.raises(SteadyhandError, match="signature does not fit"):
        unseal(sealing._encrypted(plain, base64.b64decode(others), b"SHSEAL\x00\x02"), other, "it")


def _plain(sealed: bytes, key: X25519PrivateKey) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from agent.files.sealing import _derive

    mine, nonce = sealed[8:40], sealed[40:52]
    receiver = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    secret = _derive(key.exchange(X25519PublicKey.from_public_bytes(mine)), mine + receiver)
    return AESGCM(secret).decrypt(nonce, sealed[52:], sealed[:8])


def test_requests_are_bounded() -> None:
    computers = Computers()
    known = {f"{n:016x}": next(iter(admitted(handed(ADAS, ADA)))) for n in range(MOST_WAITING)}
    from dataclasses import replace

    computers = Computers({key: replace(each, admission=Admission.WAITING) for key, each in known.items()})
    assert computers.with_request(handed(ADAS, EVE)) is computers


@pytest.fixture
def office(tmp_path: Path) -> tuple[Path, list[str]]:
    """A folder with recordings of an admitted computer, an unknown one and nobody's, and the command that receives."""
    folder, admin = tmp_path / "inbox", private_dir(tmp_path / "admin")
    folder.mkdir()
    public = create_opening_key(tmp_path / "opening.pem")
    for name, origin, key in (
        ("a", ADAS, ADA),
        ("b", Origin("boss", "desk-1", "0001.recording"), EVE),
        ("c", Origin("boss", "desk-1", "0002.recording"), EVE),
        ("d", Origin("carl", "old", "0003.recording"), None),
    ):
        (folder / f"{name}.sealed").write_bytes(seal(origin, ITEMS, public, key))
    call = ["receive", str(folder), "--key", str(tmp_path / "opening.pem"), "--out", str(tmp_path / "out")]
    return tmp_path / "out", [*call, "--root", str(admin)]


def people(out: Path) -> set[str]:
    return {path.parent.name for path in out.rglob("*.recording")}


def test_from_request_to_admission_to_revocation(
    office: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    out, call = office
    root = call[-2:]
    assert main(call) == 1
    told = capsys.readouterr().out
    assert f"1 kept apart: ada on desk-7, key {ADA.key_id}: not admitted" in told
    assert f"2 kept apart: boss on desk-1, key {EVE.key_id}: not admitted" in told
    assert "1 kept apart: carl on old: not signed by any computer" in told
    assert people(out) == set()
    assert main(["computers", "list", "--json", *root]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {(row["account"], row["host"], row["admission"]) for row in rows} == {
        ("ada", "desk-7", "waiting"),
        ("boss", "desk-1", "waiting"),
    }
    assert main(["computers", "admit", ADA.key_id, *root]) == 0
    assert main(call) == 1
    assert people(out) == {"ada"}
    assert main(["computers", "admit", "--all-waiting", *root]) == 0
    assert main(["computers", "revoke", EVE.key_id, *root]) == 0
    capsys.readouterr()
    assert main(call) == 1
    assert "2 kept apart: boss on desk-1" in capsys.readouterr().out
    assert people(out) == {"ada"}
    assert main([*call, "--unsigned"]) == 1
    assert people(out) == {"ada", "carl"}


def test_what_cannot_be_admitted_is_told(
    office: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    root = office[1][-2:]
    assert main(["computers", "list", *root]) == 0
    assert "none yet" in capsys.readouterr().out
    assert main(["computers", "admit", "0123456789abcdef", *root]) == 2
    assert "no computer has the key" in capsys.readouterr().err
    assert main(["computers", "revoke", *root]) == 2
    assert main(["computers", "admit", "--all-waiting", *root]) == 0


@seed(1)
@settings(max_examples=60, deadline=None)
@given(
    damage=st.binary(max_size=20) | st.sampled_from([b'{"x": {}}', b'{"a": 1e999}', b"[]", b'{"\\ud800": 1}'])
)
def test_a_damaged_list_forgets_nobody(tmp_path_factory: pytest.TempPathFactory, damage: bytes) -> None:
    path = private_dir(tmp_path_factory.mktemp("c") / "d") / "computers.json"
    write_private(path, damage)
    if damage == b"{}":
        assert list(read_computers(path)) == []
        return
    with pytest.raises(SteadyhandError, match="damaged"):
        read_computers(path)
    with pytest.raises(SteadyhandError, match="damaged"):
        AdmissionDesk(path, takes_unsigned=False)


def test_the_list_is_kept_as_it_was(tmp_path: Path) -> None:
    desk = AdmissionDesk(computers_file(Paths.under(tmp_path)), takes_unsigned=False)
    assert not desk.admits(handed(ADAS, ADA))
    desk.save()
    (computer,) = read_computers(computers_file(Paths.under(tmp_path)))
    assert (computer.key, computer.account, computer.host, computer.admission) == (
        ADA.public,
        "ada",
        "desk-7",
        Admission.WAITING,
    )
