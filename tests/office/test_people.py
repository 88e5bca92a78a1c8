"""The table of people: accounts, ids, and what an administrator may edit into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.engine.errors import SteadyhandError
from enroll.office.people import People, grouped, joined, new_person, read_people, write_people

HEADER = "person,name,account,computer,group\n"


def table(tmp_path: Path, *lines: str, header: str = HEADER) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(header + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_two_kiosks_users_are_two_people_until_they_are_joined(tmp_path: Path) -> None:
    first, second = new_person("user", "kiosk1"), new_person("user", "kiosk2")
    people = People((first, second))
    write_people(tmp_path / "people.csv", people)
    people = read_people(tmp_path / "people.csv")
    assert people.of_account("user", "KIOSK1.example") == first
    assert people.of_account("user", "kiosk2") == second
    assert people.of_account("user", "kiosk3") is None
    assert len(people) == 2


def test_a_second_computer_joins_when_told_and_a_domain_account_is_one_everywhere() -> None:
    ada = joined(new_person("ada", "pc1", name="Ada"), "CORP\\ada", "pc2")
    people = People((ada,))
    assert people.of_account("ada", "pc1") is ada
    assert people.of_account("ada@corp.example", "pc77") is ada
    assert people.of_account("ada", "pc2") is None
    assert len(people.account_ids(ada)) == 2


def test_one_account_is_never_two_peoples() -> None:
    people = People((new_person("ada", "pc1"),))
    with pytest.raises(SteadyhandError, match="ada on pc1 is p-"):
        people.with_person(new_person("ADA", "PC1.example"))


def test_ids_stay_when_names_change(tmp_path: Path) -> None:
    ada = new_person("ada", "pc1", name="Ada")
    path = tmp_path / "people.csv"
    write_people(path, People((ada,)))
    path.write_text(path.read_text().replace("Ada", "Ada Lovelace-King"))
    (person,) = read_people(path).by_id.values()
    assert (person.person_id, person.name) == (ada.person_id, "Ada Lovelace-King")


def test_what_a_spreadsheet_makes_of_it_is_read(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "p-00000000000a;Jürgen;jürgen;pc1;pilot",
        "p-00000000000a;;CORP\\jürgen;*;",
        header="\ufeffperson;name;account;computer;group\n",
    )
    (person,) = read_people(path).by_id.values()
    assert (person.group, len(person.accounts)) == ("pilot", 2)


def test_people_are_found_by_id_name_and_account() -> None:
    ada, bob = new_person("ada", "pc1", name="Ada"), new_person("CORP\\bob", "*")
    people = People((ada, bob))
    assert people.find(ada.person_id) == people.find("ADA") == people.find("ada on pc1") == ada
    assert people.find("bob@corp") == bob
    with pytest.raises(SteadyhandError, match="nobody here is carl"):
        people.find("carl")
    with pytest.raises(SteadyhandError, match="fits 2 people"):
        people.with_person(new_person("ada", "pc9")).find("ada")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("ada,Ada,ada,pc1,pilot",), "line 2: 'ada' is no person's id"),
        (("p-00000000000a,Ada,,pc1,pilot",), "line 2: the account or the computer has no name"),
        (("p-00000000000a,Ada,ada,pc1,Pilot Group",), "line 2: group 'Pilot Group' is no name"),
        (
            ("p-00000000000a,Ada,ada,pc1,pilot", "p-00000000000a,Ada,ada,pc2,wave-1"),
            "line 3: p-00000000000a is in group pilot above",
        ),
        (("p-00000000000a,A,ada,pc1,", "p-00000000000b,B,Ada,PC1,"), "ada on pc1 is p-00000000000a's and"),
    ],
)
def test_a_line_that_cannot_be_is_named(tmp_path: Path, lines: tuple[str, ...], reason: str) -> None:
    with pytest.raises(SteadyhandError, match=reason):
        read_people(table(tmp_path, *lines))


def test_other_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(SteadyhandError, match="columns are missing"):
        read_people(table(tmp_path, header="who,where\n"))


def test_a_group_is_changed() -> None:
    assert grouped(new_person("ada", "pc1"), "exempt").group == "exempt"
