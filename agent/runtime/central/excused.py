"""Excused configuration: while the helpdesk's excuse lasts, nothing is locked at this person's desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.config.loading import Configuration
from agent.files.excuse import installed_excuse
from agent.files.fetched_entry import read_entry
from agent.files.paths import Paths
from agent.files.trust import Trust

_MODE = "judgement.mode"


def excused(
    configuration: Configuration, paths: Paths, trust: Trust, account: str, computer: str, now: datetime
) -> Configuration:
    """The configuration in shadow mode while an excuse for this account holds; else the same one."""
    if configuration.settings.judgement.mode == "shadow" or not paths.fetched_excuse_file.exists():
        return configuration
    fetched = read_entry(paths, trust, account, computer)
    if fetched.index is None:
        return configuration
    excuse = installed_excuse(paths, fetched.index.helpdesk_keys, fetched.person)
    if excuse is None or not excuse.holds(now):
        return configuration
    settings = configuration.settings
    return replace(
        configuration,
        settings=replace(settings, judgement=replace(settings.judgement, mode="shadow")),
        source_of={**configuration.source_of, _MODE: "excuse"},
        where_of={**configuration.where_of, _MODE: f"the helpdesk's excuse until {excuse.until}"},
    )
