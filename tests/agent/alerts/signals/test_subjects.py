"""The administrator's mapping: every format of RFC 9493, and nothing that could mean somebody else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.signals.subjects import SubjectsFile
from agent.engine.errors import SteadyhandError

EMAIL = {"format": "email", "email": "a@example.com"}
GOOD: list[dict[str, Any]] = [
    EMAIL,
    {"format": "account", "uri": "acct:a@example.com"},
    {"format": "iss_sub", "iss": "https://idp.example/", "sub": "145234573"},
    {"format": "opaque", "id": "11112222333344445555"},
    {"format": "phone_number", "phone_number": "+12065550100"},
    {"format": "did", "url": "did:example:123456"},
    {"format": "uri", "uri": "urn:uuid:4e851e98-83c4-4743-a5da-150ecb53042f"},
    {"format": "aliases", "identifiers": [EMAIL, {"format": "opaque", "id": "7"}]},
    {"format": "complex", "user": EMAIL, "tenant": {"format": "opaque", "id": "t"}},
]
BAD: list[tuple[Any, str]] = [
    (7, "not an object"),
    ({}, "format is missing"),
    ({"format": "mail", "email": "a@example.com"}, "not one of account, email"),
    ({"format": "email", "email": ""}, "email is ''"),
    ({"format": "email", "email": "a@b@c"}, "email is"),
    ({"format": "email", "email": "a@example.com", "name": "A"}, "'name' is unknown"),
    ({"format": "iss_sub", "iss": "https://idp.example/"}, "sub is missing"),
    ({"format": "iss_sub", "iss": "idp", "sub": "1"}, "iss is 'idp'"),
    ({"format": "opaque", "id": 7}, "id is 7"),
    ({"format": "opaque", "id": " "}, "id is ' '"),
    ({"format": "phone_number", "phone_number": "0123"}, "phone_number is"),
    ({"format": "aliases", "identifiers": []}, "identifiers is empty"),
    ({"format": "aliases", "identifiers": [{"format": "aliases", "identifiers": [EMAIL]}]}, "aliases"),
    ({"format": "complex", "tenant": {"format": "opaque", "id": "t"}}, "user is missing"),
    ({"format": "complex", "user": EMAIL, "everybody": EMAIL}, "'everybody' is unknown"),
    ({"format": "complex", "user": {"format": "complex", "user": EMAIL}}, "not one of account"),
]


def written(folder: Path, text: str) -> str:
    path = folder / "subjects.json"
    path.write_text(text)
    path.chmod(0o644)
    return str(path)


@pytest.mark.parametrize("subject", GOOD, ids=lambda subject: str(subject["format"]))
def test_every_format_is_taken_as_it_is(tmp_path: Path, subject: dict[str, Any]) -> None:
    assert SubjectsFile(written(tmp_path, json.dumps({"alice": subject}))).read() == {"alice": subject}


@pytest.mark.parametrize(("subject", "why"), BAD)
def test_one_bad_entry_and_none_is_used(tmp_path: Path, subject: Any, why: str) -> None:
    file_name = written(tmp_path, json.dumps({"alice": EMAIL, "bob": subject}))
    with pytest.raises(SteadyhandError) as refused:
        SubjectsFile(file_name).read()
    assert "account 'bob'" in refused.value.what or "bob is" in refused.value.what
    assert why in refused.value.what


def test_an_account_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    one = json.dumps(EMAIL)
    with pytest.raises(SteadyhandError, match="a key is there twice"):
        SubjectsFile(written(tmp_path, f'{{"alice": {one}, "alice": {one}}}')).read()


def test_no_file_is_no_empty_mapping(tmp_path: Path) -> None:
    with pytest.raises(SteadyhandError, match="ssf_subjects_file is not set"):
        SubjectsFile("").read()
    with pytest.raises(SteadyhandError, match="cannot read"):
        SubjectsFile(str(tmp_path / "none")).read()


def test_a_link_may_not_lead_to_it(tmp_path: Path) -> None:
    written(tmp_path, "{}")
    (tmp_path / "link").symlink_to(tmp_path / "subjects.json")
    with pytest.raises(SteadyhandError, match="link"):
        SubjectsFile(str(tmp_path / "link")).read()


def test_a_changed_file_is_parsed_again_and_a_broken_one_is_not_the_last_good_one(tmp_path: Path) -> None:
    subjects = SubjectsFile(written(tmp_path, json.dumps({"alice": EMAIL})))
    assert subjects.read() is subjects.read()
    written(tmp_path, json.dumps({"alice": {"format": "email"}}))
    for _ in range(2):
        with pytest.raises(SteadyhandError, match="email is missing"):
            subjects.read()
    written(tmp_path, json.dumps({"bob": EMAIL}))
    assert subjects.read() == {"bob": EMAIL}
