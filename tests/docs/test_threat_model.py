"""The threat model: every line of what happens names the test that shows it, and the tests are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")


def _rows(heading: str) -> list[str]:
    section = TEXT.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    return rows[1:]


def test_every_line_of_what_happens_names_its_test() -> None:
    rows = _rows("What happens")
    assert len(rows) > 25
    unshown = [
        row[:60] for row in rows if not re.search(r"`tests/[\w/]+\.py`|`make [\w-]+`|nothing to test", row)
    ]
    assert unshown == []


def test_the_tests_that_it_names_are_there() -> None:
    names = set(re.findall(r"`((?:tests/)?[\w/]*test_\w+\.py)`", TEXT))
    assert len(names) > 20
    files = {str(file.relative_to(ROOT)) for file in (ROOT / "tests").rglob("test_*.py")}
    missing = {name for name in names if not any(file == name or file.endswith(f"/{name}") for file in files)}
    assert missing == set()


def test_the_first_page_says_what_a_program_of_the_same_user_can_fake() -> None:
    first = TEXT.split("\n## ", 2)[1]
    assert first.startswith("What a program of the same user can still fake")
    assert first.count("\n* ") >= 6
