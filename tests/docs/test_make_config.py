"""What is told about the settings agrees with what they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.config.options import Option, all_options
from docs.make_config import main, settings_markdown, settings_schema

ROOT = Path(__file__).parents[2]


def property_of(schema: dict[str, Any], option: Option) -> dict[str, Any]:
    told: dict[str, Any] = schema["properties"][option.section]["properties"][option.name]
    return told


def test_the_page_about_settings_is_current() -> None:
    page = (ROOT / "docs" / "config.md").read_text(encoding="utf-8")
    assert page == settings_markdown(), "run: make settings"


def test_the_command_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "config.md")]) == 0
    assert (tmp_path / "config.md").read_text(encoding="utf-8") == settings_markdown()
    assert main([]) == 0
    assert capsys.readouterr().out == settings_markdown()


def test_every_setting_is_on_the_page_with_its_default() -> None:
    page = settings_markdown()
    for option in all_options().values():
        rows = [line for line in page.splitlines() if line.startswith(f"| `{option.name}` |")]
        row = next(row for row in rows if option.meaning in row)
        assert option.allowed in row
        assert row.count("|") == 5, "a bar within a cell would break the table"


def test_the_schema_says_what_the_reader_does() -> None:
    schema = settings_schema()
    assert json.loads(json.dumps(schema)) == schema
    assert schema["additionalProperties"] is False
    for option in all_options().values():
        told = property_of(schema, option)
        assert option.parse(told["default"]) == option.default
        for bound, step in (("minimum", -1), ("maximum", 1)):
            if bound in told:
                assert option.parse(told[bound]) == told[bound]
                with pytest.raises(ValueError, match=option.name):
                    option.parse(told[bound] + step)
        for choice in told.get("enum", ()):
            assert option.parse(choice) == choice
        if "enum" in told:
            with pytest.raises(ValueError, match="one of"):
                option.parse("something else")
