"""The overview of an office: what it shows, and what it never shows."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from enroll.cli import main
from enroll.overview.person_table import COLUMNS
from tests.enroll.overview.offices import MadeUpOffice, made_up_office, name_of, person_id

PEOPLE = 24


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> MadeUpOffice:
    return made_up_office(tmp_path_factory.mktemp("overview") / "office", PEOPLE, datetime.now(UTC), exempt=3)


class Page(HTMLParser):
    """The elements of a page with their attributes, and the rows of its table."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def overview(house: MadeUpOffice, tmp_path: Path, *options: str) -> tuple[str, dict[str, Any]]:
    page, document = tmp_path / "o.html", tmp_path / "o.json"
    call = ["overview", "--office", str(house.layout.root), "--out", str(page), "--json", str(document)]
    assert main([*call, *options]) == 0
    return page.read_text(encoding="utf-8"), json.loads(document.read_text(encoding="utf-8"))


def rows_of_person(document: dict[str, Any], number: int) -> list[dict[str, Any]]:
    return [row for row in document["rows"] if row["person"] == person_id(number)]


def test_each_person_and_mouse_has_a_row_with_what_waits(house: MadeUpOffice, tmp_path: Path) -> None:
    _, document = overview(house, tmp_path, "--events", str(house.events))
    assert {row["person"] for row in document["rows"]} == {person_id(n) for n in range(PEOPLE)}
    first, second = rows_of_person(document, 3)
    assert {first["mouse"], second["mouse"]} == {"Logitech M105", "Dell MS116"}
    assert (first["learnt_hours"], first["learnt_actions"], first["expected_error"]) == (7.0, 1530, 0.08)
    assert (first["version"], first["state"], first["is_estimate"]) == ("4", "valid", True)
    assert not first["is_usual_error"]
    usual = rows_of_person(document, 4)[0]
    assert (usual["is_usual_error"], usual["learnt_hours"]) == (True, 8.0)
    assert 0.0 < usual["expected_error"] < 0.5
    (none,) = rows_of_person(document, 7)
    assert none["state"] == "none"
    assert "no profile yet" in none["waits"]
    (ended,) = rows_of_person(document, 11)
    assert ended["state"] == "expired"
    assert "its profile has ended" in ended["waits"]
    (soon,) = rows_of_person(document, 13)
    assert any(words.startswith("its profile ends on 20") for words in soon["waits"])
    (silent,) = rows_of_person(document, 8)
    assert "silent for more than 7 days" in silent["waits"]
    assert "no sign of life in the export" in rows_of_person(document, 9)[0]["waits"]
    assert "a mouse without a profile" in rows_of_person(document, 17)[0]["waits"]
    (answered,) = rows_of_person(document, 5)
    assert answered["false_alarms"] == 2


def test_totals_stand_on_top(house: MadeUpOffice, tmp_path: Path) -> None:
    page, document = overview(house, tmp_path, "--events", str(house.events))
    totals = document["totals"]
    assert totals["people"] == PEOPLE
    assert totals["seen_this_week"] + totals["silent"] + totals["never_seen"] == PEOPLE
    assert totals["modes"]["shadow"] + totals["modes"]["enforce"] == PEOPLE - totals["never_seen"]
    assert page.index("In all") < page.index("Person and mouse")


def test_no_minute_of_anybody_and_no_exempt_person(house: MadeUpOffice, tmp_path: Path) -> None:
    page, document = overview(house, tmp_path, "--events", str(house.events))
    assert not re.search(r"\d\d:\d\d", page.partition("<script>")[0].partition("</style>")[2])
    assert all(re.fullmatch(r"(\d{4}-\d\d-\d\d)?", row["last_sign_of_life"]) for row in document["rows"])
    for number in range(PEOPLE, PEOPLE + 3):
        assert name_of(number) not in page
        assert person_id(number) not in json.dumps(document)
    assert document["totals"]["exempt"] == "fewer than 5"
    assert "fewer than 5" in page


def test_rows_are_in_the_order_of_names_and_cannot_be_ranked(house: MadeUpOffice, tmp_path: Path) -> None:
    page, document = overview(house, tmp_path)
    names = [row["name"].casefold() for row in document["rows"]]
    assert names == sorted(names)
    assert "sort" not in page.partition("<script>")[2]


def test_names_can_be_left_out(house: MadeUpOffice, tmp_path: Path) -> None:
    page, document = overview(house, tmp_path, "--ids", "--events", str(house.events))
    for number in range(PEOPLE):
        assert name_of(number) not in page
        assert f"\\u{number}" not in page
    assert all(row["name"] == row["person"] for row in document["rows"])


def test_nothing_is_loaded_and_only_the_one_script_runs(house: MadeUpOffice, tmp_path: Path) -> None:
    text, _ = overview(house, tmp_path)
    page = Page(text)
    policy = next(str(m["content"]) for m in page.of("meta") if m.get("http-equiv"))
    for tag in ("script", "style"):
        content = text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
        assert len(page.of(tag)) == 1
    assert policy.startswith("default-src 'none'")
    assert not {name for _, a in page.elements for name in a} & {"src", "href", "onclick", "style", "action"}


def test_the_markup_can_be_read_aloud_and_used_by_keyboard(house: MadeUpOffice, tmp_path: Path) -> None:
    text, document = overview(house, tmp_path)
    page = Page(text)
    headings = page.of("th")
    assert [th["scope"] for th in headings] == ["col"] * len(COLUMNS) + ["row"] * len(document["rows"])
    assert page.of("html")[0]["lang"] == "en"
    region = next(div for div in page.of("div") if div.get("role") == "region")
    assert region["tabindex"] == "0"
    assert text.count("<label") == len(page.of("input")) + len(page.of("select"))
    assert ":focus-visible" in text


def test_a_name_is_text_and_no_markup(tmp_path: Path) -> None:
    house = made_up_office(tmp_path / "office", 2, datetime.now(UTC))
    people = house.layout.people_file
    people.write_text(people.read_text(encoding="utf-8").replace("Blaise", "<img src=x>"), encoding="utf-8")
    page, _ = overview(house, tmp_path)
    assert "<img" not in page
    assert "&lt;img src=x&gt;" in page


def test_limits_that_are_not_policys_are_told(house: MadeUpOffice, tmp_path: Path) -> None:
    policy = house.layout.policies_dir / "pilot.json"
    policy.write_text('{"judgement": {"sensitivity": "gentle"}}', encoding="utf-8")
    try:
        _, document = overview(house, tmp_path)
    finally:
        policy.unlink()
    waits = {row["group"]: row["waits"] for row in document["rows"] if row["state"] == "valid"}
    assert "its limits are for 1 false locks in 40 h, policy asks for 0.25" in waits["pilot"]
    assert not any("its limits" in words for words in waits["wave-1"])


def test_without_an_office_a_folder_of_profiles_does(
    house: MadeUpOffice, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    public = house.layout.root / "install" / "admin-1.pem"
    call = ["overview", "--profiles", str(house.layout.profiles_dir), "--public", str(public), "--json", "-"]
    assert main(call) == 0
    document = json.loads(capsys.readouterr().out)
    assert len(document["rows"]) > PEOPLE // 2
    assert main(["overview", "--profiles", str(tmp_path), "--out", "o.html"]) == 2
    assert "holds no profile" in capsys.readouterr().err
    assert main(["overview", "--out", "o.html"]) == 2
    assert "no office here" in capsys.readouterr().err
    assert main(["overview", "--office", str(house.layout.root)]) == 2
    assert "give --out" in capsys.readouterr().err


def test_in_german_it_has_no_word_of_english_and_the_same_rows(house: MadeUpOffice, tmp_path: Path) -> None:
    english, _ = overview(house, tmp_path, "--events", str(house.events), "--language", "en")
    german, document = overview(house, tmp_path, "--events", str(house.events), "--language", "de")
    assert '<html lang="de">' in german
    body = re.sub(r"<(style|script)>.*?</\1>|<[^>]*>", " ", german, flags=re.DOTALL)
    words = r"\b(the|and|of|is|with|not|this|are|profile|mouse|people|recordings?|waits?|hours|in the)\b"
    assert re.findall(words, body) == []
    assert german.count("<tr ") == english.count("<tr ")
    assert "no profile yet" in rows_of_person(document, 7)[0]["waits"], "what machines read stays English"
    assert re.search(r"<td>\d\d\.\d\d\.20\d\d</td>", german)
