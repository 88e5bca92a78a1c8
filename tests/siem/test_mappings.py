"""The files for Elastic and Wazuh, which are not run here: well formed, complete, and of known kinds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from agent.alerts.alert import AlertKind
from agent.alerts.ocsf import Product, to_ocsf
from tests.agent.alerts.fakes import make_record

ROOT = Path(__file__).parents[2]
PIPELINE = json.loads((ROOT / "packaging" / "siem" / "elastic" / "pipeline.json").read_text(encoding="utf-8"))
ORIGIN = {"uid": "1", "domain": "d", "fqdn": "f", "ip": "192.0.2.1"}


def place(event: Any, path: str) -> Any:
    for name in path.split("."):
        event = event[int(name)] if isinstance(event, list) else event[name]
    return event


def test_every_source_of_the_pipeline_is_in_an_event() -> None:
    detail = {"origin": ORIGIN, "playbook": "https://wiki.example/intruder.md", "trust": 3}
    event = to_ocsf(make_record(detail=detail), Product("1", "Linux"))
    sources = [
        step["set"]["copy_from"] for step in PIPELINE["processors"] if "copy_from" in step.get("set", {})
    ]
    assert len(sources) > 20
    for source in sources:
        assert place(event, source) is not None, source


def test_every_row_of_the_page_is_in_the_pipeline() -> None:
    page = (ROOT / "docs" / "ecs.md").read_text(encoding="utf-8")
    wanted = set()
    for cell in re.findall(r"^\| (`[^|]+) \|", page, re.M):
        first, *more = re.findall(r"`([^`]+)`", cell)
        wanted |= {
            first,
            *(name if not name.startswith(".") else first.rpartition(".")[0] + name for name in more),
        }
    text = json.dumps(PIPELINE)
    missing = {
        name for name in wanted if f'"{name}"' not in text and not name.startswith(("steadyhand", "message"))
    }
    assert missing == set()


def test_the_files_for_wazuh_are_well_formed_and_name_kinds_that_there_are() -> None:
    kinds = {kind.value for kind in AlertKind}
    folder = ROOT / "packaging" / "siem" / "wazuh"
    decoders = ET.fromstring((folder / "steadyhand_decoders.xml").read_text(encoding="utf-8"))
    assert decoders.findtext("program_name") == "^steadyhand$"
    rules = ET.fromstring((folder / "steadyhand_rules.xml").read_text(encoding="utf-8"))
    ids = [rule.get("id") for rule in rules.iter("rule")]
    assert len(set(ids)) == len(ids)
    for field in rules.iter("field"):
        if field.get("name") == "unmapped.kind":
            assert {name.strip("^$") for name in (field.text or "").split("|")} <= kinds
    for parent in [element.text for name in ("if_sid", "if_matched_sid") for element in rules.iter(name)]:
        assert parent in ids
