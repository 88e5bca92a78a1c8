"""Account names: one account however it is written, two where two computers have one of the same name."""

from __future__ import annotations

import unicodedata

import pytest

from agent.files.accounts import account_of, candidates


@pytest.mark.parametrize("written", ["CORP\\Ada", "corp\\ada", "ada@corp", "ADA@CORP.EXAMPLE", " ada@corp "])
def test_a_domain_account_is_one_on_every_computer(written: str) -> None:
    assert account_of(written, "pc1").account_id == account_of("ada@corp", "pc9.corp.example").account_id


def test_a_local_account_is_one_on_each_computer() -> None:
    assert account_of("user", "kiosk1").account_id != account_of("user", "kiosk2").account_id
    assert account_of("user", "KIOSK1.corp.example").account_id == account_of("User", "kiosk1").account_id
    assert account_of("KIOSK1\\user", "kiosk1").account_id == account_of("user", "kiosk1").account_id


def test_umlauts_are_the_same_in_every_unicode_form() -> None:
    composed = unicodedata.normalize("NFC", "Jürgen")
    apart = unicodedata.normalize("NFD", "jÜRGEN")
    assert composed != apart
    assert account_of(composed, "pc1") == account_of(apart, "pc1")
    assert account_of("juergen", "pc1") != account_of("jürgen", "pc1")


def test_this_computer_is_asked_for_first_and_then_any() -> None:
    assert [account.computer for account in candidates("ada", "pc1")] == ["pc1", "*"]
    assert [account.label for account in candidates("CORP\\ada", "pc1")] == ["ada@corp"]


@pytest.mark.parametrize(
    ("account", "computer"), [("", "pc1"), ("ada", " "), ("a\x00da", "pc1"), ("@corp", "pc1")]
)
def test_a_name_that_is_none_is_refused(account: str, computer: str) -> None:
    with pytest.raises(ValueError, match="name"):
        account_of(account, computer)
