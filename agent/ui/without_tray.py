"""The status page without a tray: from the status file that the running agent keeps."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.config.loading import load_configuration
from agent.engine.errors import SteadyhandError
from agent.files.day_log_file import read_day
from agent.files.paths import Paths
from agent.language.language import ENGLISH, Language
from agent.runtime.status.privacy_facts import PrivacyFacts
from agent.runtime.status.privacy_notice import notice_lines
from agent.runtime.status.snapshot import Status
from agent.ui.day import gather
from agent.ui.statuspage import status_page
from agent.ui.viewer import write_private


def write_status_page(
    target: Path, status_json: dict[str, Any], paths: Paths, language: Language = ENGLISH
) -> None:
    """Write the page that the tray would open.

    Parameters
    ----------
    target : Path
        The HTML file, made private.
    status_json : dict
        What `read_status` returned.
    paths : Paths
    language : Language

    Raises
    ------
    SteadyhandError
        If the status is of a version that this one cannot read, or the file cannot be written.
    """
    try:
        status = Status.from_json(status_json)
    except (ValueError, TypeError) as error:
        raise SteadyhandError(
            f"{paths.status_file} is of another version ({error})", "restart the agent"
        ) from error
    now_s = time.time()
    at = datetime.fromtimestamp(paths.status_file.stat().st_mtime).astimezone().strftime("%H:%M:%S")
    words = notice_lines(PrivacyFacts.under(load_configuration(paths, strict=False).settings), language)
    day = gather(paths, read_day(paths.day_file, now_s), now_s)
    write_private(target, status_page(status, at, day, words, language))
