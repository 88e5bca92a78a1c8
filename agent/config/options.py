"""All settings by key: descriptions of each, and building `Settings` from parsed ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from agent.alerts.settings import SECTION as ALERTS
from agent.alerts.settings import alert_options, alert_settings
from agent.config.schema import Settings
from agent.files.options import Option, options_of


def all_options() -> Mapping[str, Option]:
    """Every setting by its key, in the order of the sections."""
    return {
        option.key: option
        for section, defaults in _sections().items()
        for option in (alert_options() if section == ALERTS else options_of(section, type(defaults)))
    }


def section_meanings() -> Mapping[str, str]:
    """What each section is about: the first line of its docstring."""
    return {name: (type(defaults).__doc__ or "").splitlines()[0] for name, defaults in _sections().items()}


def build_settings(by_key: Mapping[str, Any]) -> Settings:
    """Settings with the parsed values by key; a setting that is not among them keeps its default."""
    by_section: dict[str, dict[str, Any]] = {section: {} for section in _sections()}
    for key, parsed in by_key.items():
        section, _, name = key.partition(".")
        by_section[section][name] = parsed
    sections: dict[str, Any] = {
        section: alert_settings(**fields)
        if section == ALERTS
        else dataclasses.replace(_sections()[section], **fields)
        for section, fields in by_section.items()
    }
    return Settings(**sections)


def setting_of(settings: Settings, option: Option) -> Any:
    """The value that `settings` hold for one setting."""
    if option.section == ALERTS:
        return settings.alerts.setting(option.name)
    return getattr(getattr(settings, option.section), option.name)


def _sections() -> dict[str, Any]:
    """Each section with its defaults."""
    settings = Settings()
    return {declared.name: getattr(settings, declared.name) for declared in dataclasses.fields(settings)}
