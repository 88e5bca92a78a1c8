"""The page on standards: every line cites evidence that exists, or says that there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.docs.fences import REPOSITORY

DOCS = REPOSITORY / "docs"
PAGES = ("standards.md", "signals.md")
ITEMS = ("failure to enrol", "failure to acquire", "Session Monitoring", "ISO/IEC 19795-1")


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def rows(page: str) -> Iterator[list[str]]:
    """The cells of every row of a table but its head."""
    tables = re.findall(r"(?:^\|.*\n)+", text_of(page), re.MULTILINE)
    for table in tables:
        for row in table.splitlines()[2:]:
            yield [cell.strip() for cell in row.strip("|").split("|")]


def slug(heading: str) -> str:
    """A heading's anchor, as GitHub makes it."""
    letters = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return letters.replace(" ", "-")


def anchors(page: str) -> set[str]:
    return {slug(heading) for heading in re.findall(r"^#+ (.*)$", text_of(page), re.MULTILINE)}


def missing_citations(text: str) -> Iterator[str]:
    """What is cited within the project and is not there."""
    for name, anchor in re.findall(r"\]\((?!https?:)([^)#]+)(?:#([^)]*))?\)", text):
        if not (DOCS / name).is_file():
            yield name
        elif anchor and anchor not in anchors(name):
            yield f"{name}#{anchor}"
    for path in re.findall(r"`((?:agent|enroll|tests|docs|bench)/[^` ]+)`", text):
        if not (REPOSITORY / path).exists():
            yield path


@pytest.mark.parametrize("page", PAGES)
def test_what_is_cited_exists(page: str) -> None:
    assert list(missing_citations(text_of(page))) == []


def test_every_line_has_its_evidence_or_its_gap() -> None:
    lines = list(rows("standards.md"))
    assert len(lines) > 20
    for *_, evidence in lines:
        assert "**gap**" in evidence or re.search(r"\]\((?!https?:)", evidence), evidence


def test_nothing_that_was_asked_for_is_left_out() -> None:
    text = text_of("standards.md")
    assert [item for item in ITEMS if item not in text] == []
    assert "No conformance is claimed" in text


@pytest.mark.parametrize(
    "citation", ["[a](none.md)", "[a](results.md#no-such-section)", "`tests/docs/test_nothing.py`"]
)
def test_a_citation_of_nothing_is_noticed(citation: str) -> None:
    assert len(list(missing_citations(f"see {citation}, and [b](results.md#continuous-use)"))) == 1
