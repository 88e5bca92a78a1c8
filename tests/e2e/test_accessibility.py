"""What people read meets WCAG 2.2 AA as far as axe-core can tell, also at twice the size."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.language.language import ENGLISH, language_named
from agent.runtime.status.privacy_facts import PrivacyFacts
from agent.runtime.status.privacy_notice import notice_lines
from agent.ui.recorded import Storage, recorded_page
from agent.ui.statuspage import status_page
from enroll.cli import main as enroll_main
from tests.e2e.axe import missing_axe, violations
from tests.e2e.desktop import missing
from tests.e2e.example_day import LEARNING, PROTECTING, TOLD_AT, a_proven_day
from tests.enroll.report.samples import stream_result, write_json

pytestmark = pytest.mark.skipif(
    bool(missing("chromium") or missing_axe()), reason=missing("chromium") or missing_axe()
)
FACTS = PrivacyFacts(contact="the works council", objection_url="https://intranet.example/object")
STORAGE = Storage("r", "p", "a", erase_command="steadyhand recordings --erase")
GERMAN = language_named("de")


@pytest.mark.parametrize(
    ("name", "width_px"), [("status", 820), ("status", 410), ("learning", 820), ("recorded", 820)]
)
def test_a_page_of_the_person_breaks_no_rule(tmp_path: Path, name: str, width_px: int) -> None:
    """410 px is the same window at twice the size of everything."""
    page = {
        "status": lambda: status_page(PROTECTING, TOLD_AT, a_proven_day(), notice_lines(FACTS), ENGLISH),
        "learning": lambda: status_page(
            LEARNING, TOLD_AT, a_proven_day(), notice_lines(FACTS, GERMAN), GERMAN
        ),
        "recorded": lambda: recorded_page(STORAGE, FACTS, GERMAN),
    }[name]()
    assert violations(page, tmp_path, width_px) == []


def test_the_administrators_report_breaks_no_rule(tmp_path: Path) -> None:
    result = write_json(tmp_path / "stream.json", stream_result())
    page = tmp_path / "report.html"
    assert enroll_main(["report", str(result), "--people", "250", "--out", str(page)]) == 0
    assert violations(page.read_text(), tmp_path) == []
