"""Access lists of Windows: what their text grants, and what must be refused. No Windows is needed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.engine.errors import SteadyhandError
from agent.files.windows_acl import (
    AccessList,
    check_administrators_list,
    check_private_list,
    parse_sddl,
    pipe_sddl,
    private_sddl,
    service_sid,
)

ADA = "S-1-5-21-1-2-3-1001"
EVE = "S-1-5-21-1-2-3-1002"


def test_the_list_of_a_private_folder_is_private() -> None:
    access = parse_sddl(f"O:{ADA}G:S-1-5-32-545" + private_sddl(ADA))
    assert access.owner == ADA
    assert access.readers == access.writers == {ADA, "S-1-5-18", "S-1-5-32-544"}
    check_private_list("x", access, ADA)


@pytest.mark.parametrize(
    "entries",
    [
        "D:(A;;FR;;;WD)",
        "D:(A;;0x1200a9;;;BU)",
        "D:(A;;GR;;;AU)",
        f"D:P(A;;CC;;;{EVE})",
        f"D:(A;;FA;;;{ADA})(A;;0x40000;;;{EVE})",
        "D:NO_ACCESS_CONTROL",
        "",
        "D:(OA;;CR;x;y;WD)",
        "D:(XX;;whatever;;;SY)",
        "D:(A;;ZZ;;;WD)",
    ],
)
def test_what_others_may_read_or_write_or_nobody_understands_is_not_private(entries: str) -> None:
    with pytest.raises(SteadyhandError, match="open to others"):
        check_private_list("x", parse_sddl(f"O:{ADA}{entries}"), ADA)


def test_a_file_of_somebody_else_is_refused() -> None:
    with pytest.raises(SteadyhandError, match="belongs to"):
        check_private_list("x", parse_sddl(f"O:{EVE}D:(A;;FA;;;{ADA})"), ADA)


def test_entries_that_only_new_children_get_and_denials_grant_nothing() -> None:
    access = parse_sddl("O:BAD:P(A;OICIIO;FA;;;WD)(D;;FA;;;WD)(A;;FA;;;BA)(AU;SA;FA;;;WD)")
    assert access.writers == {"S-1-5-32-544"}


@pytest.mark.parametrize(
    "sddl",
    ["O:BAD:P(A;;FA;;;BA)(A;;FA;;;SY)(A;;FR;;;BU)", "O:SYD:(A;OICI;0x1200a9;;;WD)(A;;GA;;;SY)"],
)
def test_what_administrators_alone_can_write_is_believed(sddl: str) -> None:
    check_administrators_list("x", parse_sddl(sddl))


@pytest.mark.parametrize(
    ("sddl", "why"),
    [
        (f"O:{ADA}D:(A;;FA;;;BA)", "belongs to"),
        ("O:BAD:(A;;FW;;;BU)", "can be written by"),
        ("O:BAD:(A;;0x2;;;AU)", "can be written by"),
        ("O:BAD:(A;;SD;;;WD)", "can be written by"),
        ("O:BAD:(A;;WO;;;WD)", "can be written by"),
        ("O:BAD:(A;;0x40000000;;;WD)", "can be written by"),
        ("O:BA", "can be written by"),
        ("", "belongs to nobody known"),
    ],
)
def test_what_somebody_else_could_have_written_is_refused(sddl: str, why: str) -> None:
    with pytest.raises(SteadyhandError, match=why):
        check_administrators_list("x", parse_sddl(sddl))


@given(st.text(alphabet="ODGSPAICFRWXYBUL:;()-0123456789x", max_size=80))
def test_any_text_is_an_access_list_and_an_empty_one_is_never_private(text: str) -> None:
    access = parse_sddl(text)
    assert isinstance(access, AccessList)
    if "D:" not in text:
        with pytest.raises(SteadyhandError):
            check_private_list("x", access, ADA)


def test_the_account_of_a_service_is_made_of_its_name() -> None:
    # Published by Microsoft for every Windows: NT SERVICE\\TrustedInstaller.
    published = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
    assert service_sid("TrustedInstaller") == service_sid("trustedinstaller") == published


def test_a_pipes_client_may_read_and_write_and_not_answer_under_its_name() -> None:
    sddl = pipe_sddl("S-1-5-80-1-2-3-4-5", ADA)
    access = parse_sddl(sddl)
    assert access.owner == "S-1-5-80-1-2-3-4-5"
    assert access.readers == access.writers == {"S-1-5-80-1-2-3-4-5", "S-1-5-18", ADA}
    (client,) = [entry for entry in sddl.split("(") if entry.rstrip(")").endswith(ADA)]
    create_instance = 0x4
    assert not int(client.split(";")[2], 16) & create_instance
    assert "(D;;FA;;;NU)" in sddl, "nobody over the network"
