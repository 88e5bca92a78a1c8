"""Excused configuration: nothing is locked while the helpdesk's excuse lasts, nothing recorded of who is exempt."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agent.config.loading import Configuration
from agent.files.excuse import installed_excuse
from agent.files.fetched_entry import read_entry
from agent.files.paths import Paths
from agent.files.trust import Trust

_MODE = "judgement.mode"
EXEMPT = "exempt"
"""The group of people who are neither recorded nor judged."""


def excused(
    configuration: Configuration, paths: Paths, trust: Trust, account: str, computer: str, now: datetime
) -> Configuration:
    """The configuration in shadow mode while an excuse for this account holds, and of who is exempt; else the same one.

    Of who is exempt nothing is recorded: neither learnt here nor handed over.
    """
    if not paths.fetched_index_file.exists():
        return configuration
    fetched = read_entry(paths, trust, account, computer)
    if fetched.index is None or fetched.entry is None:
        return configuration
    if fetched.entry.group == EXEMPT:
        return _exempted(configuration)
    if configuration.settings.judgement.mode == "shadow" or not paths.fetched_excuse_file.exists():
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


def _exempted(configuration: Configuration) -> Configuration:
    settings = configuration.settings
    changed = replace(
        settings,
        judgement=replace(settings.judgement, mode="shadow", unknown_mouse_answer="alert"),
        enrolment=replace(settings.enrolment, local=False),
        central=replace(settings.central, recordings_url=""),
    )
    sources = dict.fromkeys((_MODE, "enrolment.local", "central.recordings_url"), "exempt")
    return replace(configuration, settings=changed, source_of={**configuration.source_of, **sources})
