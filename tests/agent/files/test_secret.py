"""Secrets in files: private, plain, one line; everything else is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from agent.files.private import HAS_OWNERS
from agent.files.secret import SecretFile


def secret(path: Path, data: bytes, mode: int = 0o600) -> SecretFile:
    path.write_bytes(data)
    path.chmod(mode)
    return SecretFile("splunk_token_file", str(path))


def test_the_line_without_its_line_end(tmp_path: Path) -> None:
    assert secret(tmp_path / "t", b"  1234-abcd \n\n").line() == "1234-abcd"


def test_it_is_read_afresh(tmp_path: Path) -> None:
    held = secret(tmp_path / "t", b"old")
    assert held.line() == "old"
    secret(tmp_path / "t", b"new")
    assert held.line() == "new"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"a\nb", "more than one line"),
        (b"a\x00b", "not plain text"),
        ("ä".encode(), "not plain text"),
        (b"x" * 20_000, "more than"),
    ],
)
def test_what_cannot_be_a_secret_is_named(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(SteadyhandError, match=words) as caught:
        secret(tmp_path / "t", data).line()
    assert "splunk_token_file" in str(caught.value)


@pytest.mark.skipif(not HAS_OWNERS, reason="no mode bits here")
def test_a_secret_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    with pytest.raises(SteadyhandError, match=r"open to others.*chmod 600"):
        secret(tmp_path / "t", b"token", 0o644).line()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    secret(tmp_path / "t", b"token")
    (tmp_path / "link").symlink_to(tmp_path / "t")
    with pytest.raises(SteadyhandError, match="splunk_token_file"):
        SecretFile("splunk_token_file", str(tmp_path / "link")).line()


@pytest.mark.parametrize(("path", "words"), [("", "is not set"), ("/no/such/file", "no such file")])
def test_no_secret_at_all(path: str, words: str) -> None:
    with pytest.raises(SteadyhandError, match=words):
        SecretFile("webhook_secret_file", path).line()


def test_it_does_not_show_itself(tmp_path: Path) -> None:
    assert "token" not in repr(secret(tmp_path / "place", b"token")).replace("token_file", "")
