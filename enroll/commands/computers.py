"""`steadyhand-enroll computers`: which computers may hand recordings over."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from agent.engine.errors import SteadyhandError
from agent.engine.visible_text import visible_lines
from agent.files.paths import Paths
from enroll.commands.common import paths_of
from enroll.computers import Admission, Computers, computers_file, read_computers, write_computers
from enroll.office.layout import MARKER, find_office


def computers_report(options: argparse.Namespace) -> str:
    """Do what the action asks; returns what is to be printed.

    Raises
    ------
    SteadyhandError
        If a key is not known, or the file of computers cannot be read or written.
    """
    file = computers_file(_paths(options))
    computers = read_computers(file)
    if options.action == "list":
        return _listed(computers, as_json=options.json)
    is_admission = options.action == "admit"
    keys = list(options.keys)
    if is_admission and options.all_waiting:
        keys += [each.key.key_id for each in computers if each.admission is Admission.WAITING]
    if not keys and not (is_admission and options.all_waiting):
        raise SteadyhandError("no key was named", "see them with: steadyhand-enroll computers list")
    admission = Admission.ADMITTED if is_admission else Admission.REVOKED
    changed = computers.with_admission(keys, admission)
    write_computers(file, changed)
    lines = [f"{admission.value}: {changed.by_id[key].shown}" for key in dict.fromkeys(keys)]
    return visible_lines(lines) or "no computer waits"


def _paths(options: argparse.Namespace) -> Paths:
    if options.office or (Path.cwd() / MARKER).exists():
        return find_office(Path.cwd(), options.office).paths
    return paths_of(options)


def _listed(computers: Computers, *, as_json: bool) -> str:
    ordered = sorted(computers, key=lambda each: (each.admission.value, each.host, each.account))
    if as_json:
        rows = [
            {
                "key": each.key.key_id,
                "account": each.account,
                "host": each.host,
                "admission": each.admission.value,
                "since": each.since,
            }
            for each in ordered
        ]
        return json.dumps(rows, indent=2, ensure_ascii=False)
    lines = [f"{each.admission.value:<8}  {each.since[:10]}  {each.shown}" for each in ordered]
    return visible_lines(lines) or "none yet: the first recording of a computer is its request"
