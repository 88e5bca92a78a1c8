"""The status page without a tray: from the status file that the running agent keeps."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.config.loading import load_configuration
from agent.engine.errors import SteadyhandError
from agent.files.day_log_file import Spell, damaged_day_lines, read_day
from agent.files.paths import Paths
from agent.files.private import mendable
from agent.language.language import ENGLISH, Language
from agent.runtime.status.privacy_facts import PrivacyFacts
from agent.runtime.status.privacy_notice import notice_lines
from agent.runtime.status.snapshot import Status
from agent.runtime.status.status_file import damage_line
from agent.ui.day import gather, left_out
from agent.ui.statuspage import status_page
from agent.ui.viewer import write_private


def write_status_page(
    target: Path, status_json: dict[str, Any], paths: Paths, language: Language = ENGLISH
) -> tuple[str, ...]:
    """Write the page that the tray would open; what can be read of damaged files is shown.

    Parameters
    ----------
    target : Path
        The HTML file, made private.
    status_json : dict
        What `read_status` returned.
    paths : Paths
    language : Language

    Returns
    -------
    tuple of str
        What could not be read, a line a file; the page says it too.

    Raises
    ------
    SteadyhandError
        If the state is none that this version knows, or the file cannot be written.
    """
    status, damage = Status.legible(status_json)
    if "state" in damage:
        raise SteadyhandError(
            f"{paths.status_file} is of another version ({damage['state']})", "restart the agent"
        )
    now_s = time.time()
    with mendable(paths.status_file, "look at"):
        at = datetime.fromtimestamp(paths.status_file.stat().st_mtime).astimezone().strftime("%H:%M:%S")
    words = notice_lines(PrivacyFacts.under(load_configuration(paths, strict=False).settings), language)
    spells, day_trouble = _spells(paths.day_file, now_s)
    day = gather(paths, spells, now_s)
    day = replace(day, trouble=(*damage_line(paths.status_file, damage), *day_trouble, *day.trouble))
    write_private(target, status_page(status, at, day, words, language))
    return day.trouble


def _spells(day_file: Path, now_unix_s: float) -> tuple[tuple[Spell, ...], tuple[str, ...]]:
    """The day's trust, and what is wrong with its file."""
    try:
        return read_day(day_file, now_unix_s), left_out(day_file, damaged_day_lines(day_file))
    except SteadyhandError as error:
        return (), (str(error),)
