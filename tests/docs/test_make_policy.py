"""What administrators deploy policies with agrees with the settings, and parses."""

from __future__ import annotations

import json
import plistlib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from agent.config.options import all_options
from agent.config.policy_native import REGISTRY_KEY
from agent.config.sections import parse_sections
from agent.engine.errors import SteadyhandError
from docs.make_policy import all_templates, main

PACKAGING = Path(__file__).parents[2] / "packaging"
SPACE = "{http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions}"


@pytest.fixture(scope="module")
def admx() -> ET.Element:
    return ET.parse(PACKAGING / "windows" / "steadyhand.admx").getroot()


@pytest.fixture(scope="module")
def adml() -> ET.Element:
    return ET.parse(PACKAGING / "windows" / "en-US" / "steadyhand.adml").getroot()


@pytest.fixture(scope="module")
def schema() -> Any:
    return json.loads((PACKAGING / "policy" / "steadyhand.schema.json").read_text(encoding="utf-8"))


def test_the_files_are_current(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 0
    for name, data in all_templates().items():
        assert (PACKAGING / name).read_bytes() == data, "run: make settings"
        assert (tmp_path / name).read_bytes() == data


def test_every_setting_has_a_managed_and_a_recommended_policy(admx: ET.Element) -> None:
    found = set()
    for policy in admx.iter(f"{SPACE}policy"):
        holders = [policy, *policy.iterfind(f"{SPACE}elements/*")]
        names = [holder.get("valueName") for holder in holders if holder.get("valueName")]
        assert len(names) == 1
        found.add(f"{policy.get('key')}\\{names[0]}")
        assert policy.get("class") == "Machine"
    wanted = {
        "\\".join(part for part in (REGISTRY_KEY, branch, option.section, option.name) if part)
        for option in all_options().values()
        for branch in ("", "Recommended")
        # The names of Linux lockers mean nothing on Windows.
        if (option.section, option.name) != ("response", "lockers")
    }
    assert found == wanted


def test_every_text_and_presentation_that_is_named_is_there(admx: ET.Element, adml: ET.Element) -> None:
    told = [value for element in admx.iter() for value in element.attrib.values()]
    strings = {value[9:-1] for value in told if value.startswith("$(string.")}
    presentations = {value[15:-1] for value in told if value.startswith("$(presentation.")}
    assert strings == {element.get("id") for element in adml.iter(f"{SPACE}string")}
    assert presentations == {element.get("id") for element in adml.iter(f"{SPACE}presentation")}
    assert all((element.text or "").strip() for element in adml.iter(f"{SPACE}string"))


def test_every_element_is_presented(admx: ET.Element, adml: ET.Element) -> None:
    shown = {
        presentation.get("id"): {child.get("refId") for child in presentation}
        for presentation in adml.iter(f"{SPACE}presentation")
    }
    for policy in admx.iter(f"{SPACE}policy"):
        ids = {element.get("id") for element in policy.iterfind(f"{SPACE}elements/*")}
        if ids:
            assert shown[policy.get("name")] == ids


def test_the_configuration_profile_sets_what_is_built_in(schema: Any) -> None:
    told = plistlib.loads((PACKAGING / "macos" / "steadyhand.mobileconfig").read_bytes())
    (payload,) = told["PayloadContent"]
    values = {name: value for name, value in payload.items() if not name.startswith("Payload")}
    jsonschema.validate(values, schema)
    parsed = parse_sections(values, "profile")
    # The names of Linux lockers mean nothing on macOS.
    wanted = {key: option.default for key, option in all_options().items() if key != "response.lockers"}
    assert parsed == wanted


def test_the_schema_is_one_and_agrees_with_the_reader(schema: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    good = {
        "judgement": {"sensitivity": "strict", "false_locks_per_40h": 0.05},
        "response": {"countdown_s": 8},
    }
    assert validator.is_valid(good)
    parse_sections(good, "good")
    for bad in (
        {"judgement": {"sensitivity": "deaf"}},
        {"judgement": {"modus": "enforce"}},
        {"judging": {}},
        {"response": {"countdown_s": 61}},
        {"response": {"lockers": ["rm"]}},
        {"enrolment": {"actions": 1500.5}},
        [],
    ):
        assert not validator.is_valid(bad)
        with pytest.raises(SteadyhandError, match="bad"):
            parse_sections(bad, "bad")
