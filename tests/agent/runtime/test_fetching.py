"""Profiles from an HTTPS folder: a local server with a certificate, that answers as the test says."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.files.keys import Role, SigningKey, Trust
from agent.files.paths import Paths
from agent.files.private import private_dir
from agent.files.profile import pack_signed
from agent.files.profiles import installed_profiles, profile_name
from agent.runtime.fetching import Folder, fetch_profiles
from tests.agent.files.conftest import Keys, keys, make_profile

__all__ = ["keys", "make_profile"]

NOW = datetime(2026, 5, 1, tzinfo=UTC)
MOUSE = MouseConfiguration("evdev", "usb", "046d", "c077", name="Desk Mouse")


class Server:
    """Serves one file under any name; `status` other than 200 is all that it then says."""

    def __init__(self) -> None:
        self.data, self.tag, self.status, self.cut = b"", '"1"', 200, 0
        self.asked: list[tuple[str, str]] = []

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        known = request.headers.get("If-None-Match", "")
        self.asked.append((request.path, known))
        status = 304 if self.status == 200 and known == self.tag else self.status
        request.send_response(status)
        request.send_header("ETag", self.tag)
        body = self.data if status == 200 else b""
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
    yield server, Folder(f"https://localhost:{http.server_port}/profiles/", str(tmp_path / "ca.pem"))
    http.shutdown()
    thread.join()
    http.server_close()


@pytest.fixture
def fetch(served: tuple[Server, Folder], tmp_path: Path, keys: Keys) -> Callable[[], list[str]]:
    paths = Paths.under(tmp_path / "user")
    private_dir(tmp_path / "user")
    private_dir(paths.state_dir)
    trust = Trust.of(administrator=keys.administrator.public)
    return lambda: fetch_profiles(served[1], paths, "mira", [MOUSE], trust, now=NOW)


@pytest.fixture
def signed(make_profile: Callable[..., Any]) -> Callable[..., bytes]:
    def sign(key: SigningKey, **changes: Any) -> bytes:
        return pack_signed(make_profile(mouse=MOUSE, **changes), key, Role.ADMINISTRATOR)

    return sign


def sequences(tmp_path: Path, keys: Keys) -> list[int]:
    found = installed_profiles(Paths.under(tmp_path / "user"), keys.trust, now=NOW)
    return [one.profile.sequence for one in found.profiles]


def test_a_profile_is_fetched_once_and_then_only_when_it_changed(
    served: tuple[Server, Folder],
    fetch: Callable[[], list[str]],
    signed: Callable[..., bytes],
    keys: Keys,
    tmp_path: Path,
) -> None:
    server = served[0]
    server.data = signed(keys.administrator)
    assert fetch() == ["Desk Mouse: sequence 4 was installed"]
    assert fetch() == ["Desk Mouse: nothing new"]
    server.data, server.tag = signed(keys.administrator, sequence=5), '"2"'
    assert fetch() == ["Desk Mouse: sequence 5 was installed"]
    path = f"/profiles/{profile_name('mira', MOUSE.key)}.profile"
    assert server.asked == [(path, ""), (path, '"1"'), (path, '"1"')]
    assert sequences(tmp_path, keys) == [5]


def test_what_fails_a_check_changes_nothing_and_is_asked_for_again(
    served: tuple[Server, Folder],
    fetch: Callable[[], list[str]],
    signed: Callable[..., bytes],
    keys: Keys,
    tmp_path: Path,
) -> None:
    server = served[0]
    server.data = signed(keys.administrator)
    fetch()
    wrong = {
        "stranger": signed(keys.stranger, sequence=9),
        "rollback": signed(keys.administrator, sequence=3),
        "expired": signed(keys.administrator, sequence=9, expires="2026-02-01T00:00:00+00:00"),
        "spoilt": server.data[:-60],
    }
    for name, data in wrong.items():
        server.data, server.tag = data, f'"{name}"'
        with pytest.raises(SteadyhandError):
            fetch()
        assert sequences(tmp_path, keys) == [4], name
        assert server.asked[-1][1] == '"1"', "a tag of what was refused is not kept"


@pytest.mark.parametrize(
    ("status", "cut", "said"), [(500, 0, "answered 500"), (200, 100, "cannot be fetched")]
)
def test_a_server_in_trouble_is_one_line(
    served: tuple[Server, Folder],
    fetch: Callable[[], list[str]],
    signed: Callable[..., bytes],
    keys: Keys,
    status: int,
    cut: int,
    said: str,
) -> None:
    server = served[0]
    server.data, server.status, server.cut = signed(keys.administrator), status, cut
    with pytest.raises(SteadyhandError, match=said):
        fetch()


def test_a_mouse_without_a_profile_is_no_error(
    served: tuple[Server, Folder], fetch: Callable[[], list[str]]
) -> None:
    served[0].status = 404
    assert fetch() == ["Desk Mouse: the folder has no profile for it"]
    names = [profile_name("mira", MOUSE.key), profile_name("mira", MOUSE.key, transferred=True)]
    assert [path for path, _ in served[0].asked] == [f"/profiles/{name}.profile" for name in names]


def test_an_unknown_authority_and_plain_http_are_refused(
    served: tuple[Server, Folder], tmp_path: Path, keys: Keys
) -> None:
    paths = Paths.under(tmp_path / "user")
    for folder, said in (
        (Folder(served[1].url), "cannot be fetched"),
        (Folder("http://localhost/profiles"), "no https"),
    ):
        with pytest.raises(SteadyhandError, match=said):
            fetch_profiles(folder, paths, "mira", [MOUSE], keys.trust, now=NOW)
    assert served[0].asked == []
