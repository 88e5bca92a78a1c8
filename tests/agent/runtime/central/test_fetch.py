"""Profiles and policy from an HTTPS folder: a local server with a certificate, that answers as the test says."""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from agent.config.loading import load_configuration
from agent.config.signed_policy import POLICY_NAME, sign_policy
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import TRANSFERRED
from agent.files.keys import Role, SigningKey, Trust
from agent.files.paths import Paths
from agent.files.private import private_dir, write_private
from agent.files.profile import pack_signed
from agent.files.profiles import installed_profiles, profile_name
from agent.runtime.central.fetch import FetchReport, fetch, wanted_here
from agent.runtime.central.folder import Folder
from tests.agent.config.test_loading import put_policy
from tests.agent.conftest import Keys, keys, make_profile

__all__ = ["keys", "make_profile"]

NOW = datetime(2026, 5, 1, tzinfo=UTC)
MOUSE = MouseConfiguration("evdev", "usb", "046d", "c077", name="Desk Mouse")


class Server:
    """Serves one profile under any name, and a policy; a `status` other than 200 is all that it then says."""

    def __init__(self) -> None:
        self.data, self.tag, self.status, self.cut = b"", '"1"', 200, 0
        self.policy, self.policy_tag = b"", '"p1"'
        self.moved = b""
        self.asked: list[tuple[str, str]] = []
        self.authorizations: set[str] = set()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        known = request.headers.get("If-None-Match", "")
        self.authorizations.add(request.headers.get("Authorization", ""))
        self.asked.append((request.path, known))
        is_policy = request.path.endswith(POLICY_NAME)
        data, tag = (self.policy, self.policy_tag) if is_policy else (self.data, self.tag)
        if request.path.endswith("-transferred.profile"):
            data = self.moved
        status = self.status if data or self.status != 200 else 404
        status = 304 if status == 200 and known == tag else status
        request.send_response(status)
        request.send_header("ETag", tag)
        body = data if status == 200 else b""
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body[: len(body) - self.cut])


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Server, Folder]]:
    server, authority = Server(), trustme.CA()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    http = ThreadingHTTPServer(("localhost", 0), Handler)
    http.socket = context.wrap_socket(http.socket, server_side=True)
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    address = f"https://localhost:{http.server_port}/profiles/"
    yield server, Folder("central.folder_url", address, str(tmp_path / "ca.pem"))
    http.shutdown()
    thread.join()
    http.server_close()


Look = Callable[..., FetchReport]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    private_dir(tmp_path / "user")
    return Paths.under(tmp_path / "user")


@pytest.fixture
def look(served: tuple[Server, Folder], paths: Paths, keys: Keys) -> Look:
    trust = Trust.of(administrator=keys.administrator.public)

    def once(folder: Folder = served[1]) -> FetchReport:
        return fetch(folder, paths, wanted_here(paths, "mira", [MOUSE], trust, lambda: NOW))

    return once


@pytest.fixture
def signed(make_profile: Callable[..., Any]) -> Callable[..., bytes]:
    def sign(key: SigningKey, **changes: Any) -> bytes:
        return pack_signed(make_profile(mouse=MOUSE, **changes), key, Role.ADMINISTRATOR)

    return sign


def sequences(paths: Paths, keys: Keys) -> list[int]:
    return [one.profile.sequence for one in installed_profiles(paths, keys.trust, now=NOW).profiles]


def test_a_profile_is_fetched_once_and_then_only_when_it_changed(
    served: tuple[Server, Folder], look: Look, signed: Callable[..., bytes], keys: Keys, paths: Paths
) -> None:
    server = served[0]
    server.data = signed(keys.administrator)
    assert look().profiles == ["Desk Mouse: sequence 4 was installed"]
    again = look()
    assert (again.lines[-1], again.profiles) == ("Desk Mouse: nothing new", [])
    server.data, server.tag = signed(keys.administrator, sequence=5), '"2"'
    assert look().profiles == ["Desk Mouse: sequence 5 was installed"]
    path = f"/profiles/{profile_name('mira', MOUSE.key)}.profile"
    asked = [one for one in server.asked if one[0] == path]
    assert asked == [(path, ""), (path, '"1"'), (path, '"1"')]
    assert sequences(paths, keys) == [5]


def test_what_is_gone_or_was_changed_here_is_fetched_again(
    served: tuple[Server, Folder], look: Look, signed: Callable[..., bytes], keys: Keys, paths: Paths
) -> None:
    served[0].data = signed(keys.administrator)
    look()
    (kept,) = paths.profiles_dir.iterdir()
    for spoil in (kept.unlink, lambda: kept.write_bytes(b"something else")):
        spoil()
        assert look().profiles == ["Desk Mouse: sequence 4 was installed"]
        assert sequences(paths, keys) == [4]


def test_what_fails_a_check_changes_nothing_and_is_asked_for_again(
    served: tuple[Server, Folder], look: Look, signed: Callable[..., bytes], keys: Keys, paths: Paths
) -> None:
    server = served[0]
    server.data = signed(keys.administrator)
    look()
    wrong = {
        "stranger": signed(keys.stranger, sequence=9),
        "rollback": signed(keys.administrator, sequence=3),
        "spoilt": server.data[:-60],
    }
    for name, data in wrong.items():
        server.data, server.tag = data, f'"{name}"'
        told = look()
        assert (len(told.refused), told.profiles, told.trouble) == (1, [], ""), name
        assert sequences(paths, keys) == [4], name
        assert server.asked[-1][1] == '"1"', "a tag of what was refused is not kept"


def test_a_version_that_ends_what_is_here_is_taken_and_an_expired_first_one_is_not(
    served: tuple[Server, Folder], look: Look, signed: Callable[..., bytes], keys: Keys, paths: Paths
) -> None:
    server = served[0]
    over = {"expires": "2026-02-01T00:00:00+00:00"}
    server.data = signed(keys.administrator, sequence=3, **over)
    assert "expired" in look().refused[0][1]
    server.data = signed(keys.administrator)
    look()
    server.data, server.tag = signed(keys.administrator, sequence=5, **over), '"2"'
    assert look().profiles == ["Desk Mouse: sequence 5 was installed"]
    (ended,) = installed_profiles(paths, keys.trust, now=NOW).profiles
    assert ended.expired


def test_a_signed_policy_holds_below_roots_and_above_the_users(
    served: tuple[Server, Folder], look: Look, keys: Keys, paths: Paths
) -> None:
    server = served[0]
    put_key(paths, keys)
    server.policy = sign_policy({"response": {"countdown_s": 8}}, keys.administrator, 2, NOW.isoformat())
    assert look().policy
    held = load_configuration(paths, required_uid=os.geteuid())
    assert (held.settings.response.countdown_s, held.source_of["response.countdown_s"]) == (8, "fetched")
    assert held.where_of["response.countdown_s"] == f"{paths.fetched_policy_file} version 2"
    put_policy(paths.managed_dir, {"response": {"countdown_s": 3}})
    assert load_configuration(paths, required_uid=os.geteuid()).settings.response.countdown_s == 3
    assert not look().policy, "nothing new"


def test_a_policy_of_a_stranger_an_older_or_a_spoilt_one_is_refused(
    served: tuple[Server, Folder], look: Look, keys: Keys, paths: Paths
) -> None:
    server = served[0]
    put_key(paths, keys)
    told: dict[str, Any] = {"judgement": {"mode": "enforce"}}
    server.policy = good = sign_policy(told, keys.administrator, 5, NOW.isoformat())
    look()
    older = sign_policy({}, keys.administrator, 4, NOW.isoformat())
    local = sign_policy({}, keys.local, 9, NOW.isoformat())
    strange = sign_policy({}, keys.stranger, 9, NOW.isoformat())
    for n, wrong in enumerate((older, local, strange, good.replace(b"enforce", b"shadow"), b"{}", good[:40])):
        server.policy, server.policy_tag = wrong, f'"w{n}"'
        refused = look()
        assert [is_policy for is_policy, _ in refused.refused] == [True], wrong
        assert load_configuration(paths, required_uid=os.geteuid()).settings.judgement.mode == "enforce"


def test_a_fetched_policy_that_was_taken_away_or_put_back_is_told_and_fetched_again(
    served: tuple[Server, Folder], look: Look, keys: Keys, paths: Paths
) -> None:
    server = served[0]
    put_key(paths, keys)
    kept = paths.fetched_policy_file
    server.policy = sign_policy({}, keys.administrator, 1, NOW.isoformat())
    look()
    old = kept.read_bytes()
    server.policy = sign_policy({"judgement": {"mode": "enforce"}}, keys.administrator, 2, NOW.isoformat())
    server.policy_tag = '"p2"'
    look()
    for spoil, said in (
        (kept.unlink, "is gone"),
        (lambda: kept.write_bytes(old), "version 2 was here before"),
        (lambda: forget(paths), "which versions were here before was deleted"),
    ):
        spoil()
        (problem,) = load_configuration(paths, required_uid=os.geteuid()).problems
        assert said in problem
        assert look().policy
        held = load_configuration(paths, required_uid=os.geteuid())
        assert (held.problems, held.settings.judgement.mode) == ((), "enforce")


@pytest.mark.parametrize(
    ("status", "cut", "said"),
    [(500, 0, "answers 500"), (200, 100, "gave no whole answer"), (401, 0, "answers 401")],
)
def test_a_server_in_trouble_is_one_line(
    served: tuple[Server, Folder],
    look: Look,
    signed: Callable[..., bytes],
    keys: Keys,
    status: int,
    cut: int,
    said: str,
) -> None:
    server = served[0]
    server.data, server.status, server.cut = signed(keys.administrator), status, cut
    told = look()
    assert said in told.trouble
    assert (told.profiles, told.refused) == ([], [])


def test_a_mouse_without_a_profile_is_no_error(look: Look) -> None:
    told = look()
    assert (told.lines, told.trouble) == (
        [
            "policy: the folder has none",
            "Desk Mouse, transferred: the folder has none",
            "Desk Mouse: the folder has none",
        ],
        "",
    )


def test_a_transferred_profile_is_fetched_beside(
    served: tuple[Server, Folder], look: Look, signed: Callable[..., bytes], keys: Keys, paths: Paths
) -> None:
    served[0].moved = signed(keys.administrator, summary={TRANSFERRED: "Old Mouse"})
    assert look().profiles == ["Desk Mouse, transferred: sequence 4 was installed"]
    name = f"{profile_name('mira', MOUSE.key, transferred=True)}.profile"
    assert [path.name for path in paths.profiles_dir.iterdir()] == [name]
    assert f"/profiles/{name}" in [path for path, _ in served[0].asked]


def test_an_unknown_authority_and_plain_http_are_refused(served: tuple[Server, Folder], look: Look) -> None:
    address = served[1].url
    for folder, said in (
        (Folder("URL", address), "comes from nobody"),
        (Folder("URL", "http://profiles.example/"), "no https"),
    ):
        assert said in look(folder).trouble
    assert served[0].asked == []


def test_a_token_is_shown_with_every_request(
    served: tuple[Server, Folder], look: Look, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    write_private(token, b"s3cret\n")
    look(replace(served[1], token_file=str(token)))
    assert served[0].authorizations == {"Bearer s3cret"}


def forget(paths: Paths) -> None:
    for file in (paths.marks_file, paths.marks_copy_file):
        file.unlink()


def put_key(paths: Paths, keys: Keys) -> None:
    folder = paths.administrators_keys_dir
    folder.mkdir(parents=True)
    for part in (folder, folder.parent):
        part.chmod(0o755)
    (folder / "admin.pem").write_bytes(keys.administrator.public.to_pem())
