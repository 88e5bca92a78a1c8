"""The page of queries is what the rules give, and every playbook that an alert names is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.alerts.alert import AlertKind, Severity
from agent.alerts.playbooks import PLAYBOOKS, playbook
from agent.runtime.response.alert_wording import AlertWording
from docs.make_siem import main, queries_markdown

ROOT = Path(__file__).parents[2]


def test_the_page_is_current(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "siem-queries.md").read_text(encoding="utf-8")
    assert page == queries_markdown(), "run: make siem"
    assert main([str(tmp_path / "page.md")]) == 0
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == page


def test_kusto_gets_columns_and_not_texts() -> None:
    kusto = queries_markdown().partition("## Microsoft Sentinel")[2]
    assert "'unmapped" not in kusto
    assert "=~ false" not in kusto
    assert kusto.count("Steadyhand_CL") == 6


def test_every_playbook_is_a_page_of_at_most_one_screen() -> None:
    for name in set(PLAYBOOKS.values()):
        lines = (ROOT / "docs" / "playbooks" / f"{name}.md").read_text(encoding="utf-8").splitlines()
        assert 10 < len(lines) <= 60, name


@pytest.mark.parametrize("kind", [kind for kind in AlertKind if kind is not AlertKind.LOSS])
def test_whatever_is_more_than_low_has_a_playbook(kind: AlertKind) -> None:
    if AlertWording("ada", "desk", lambda: 0).health(kind, "x").severity >= Severity.MEDIUM:
        assert kind in PLAYBOOKS


def test_a_link_needs_a_folder() -> None:
    assert playbook(AlertKind.INTRUDER, "") == "intruder"
    assert (
        playbook(AlertKind.INTRUDER, "https://wiki.example/pages/")
        == "https://wiki.example/pages/intruder.md"
    )
    assert playbook(AlertKind.STARTED, "https://wiki.example") == ""
