"""`steadyhand-enroll background`: builds and shows backgrounds of differences."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from agent.engine.sentence import quantity
from agent.engine.visible_text import visible_lines
from agent.files.background import Background, read_background, write_background
from agent.files.keys import PublicKey, Trust, load_trust
from agent.files.paths import Paths
from agent.files.private import mendable
from enroll.background.building import ENOUGH_PEOPLE, build, described
from enroll.background.exclusion import digest_of
from enroll.background.shipped import shipped_background
from enroll.office.passphrase import signing_key_at
from enroll.sources.keys import SourceKeys
from enroll.sources.sessions import SourceSession, by_person, sessions_at


def background_report(options: argparse.Namespace, paths: Paths) -> str:
    """Do what `background build` or `inspect` asks; returns what is to be printed.

    Raises
    ------
    SteadyhandError
        If there are too few people, or a file cannot be read or written.
    """
    if options.action == "inspect":
        background = load_background(options.background, options.public, paths)
        return _text(described(background), options.json)
    people = _people(options.source, paths, options.opening_key)
    digests = [digest_of(session.path) for sessions in people.values() for session in sessions]
    if options.same_people:
        others = _people(options.same_people, paths, options.opening_key)
        digests += [digest_of(session.path) for sessions in others.values() for session in sessions]
    background = build(people, digests=digests, jobs=options.jobs)
    write_background(options.out, background, signing_key_at(options.key, options.passphrase_file))
    return _text(described(background), as_json=False)


def load_background(path: Path, public: Path | None, paths: Paths) -> Background:
    """A background that an administrator signed.

    Raises
    ------
    SteadyhandError
        If it is not valid.
    """
    if public is None:
        return read_background(path, load_trust(paths, local=True))
    with mendable(public, "read"):
        pem = public.read_bytes()
    return read_background(path, Trust.of(administrator=PublicKey.from_pem(pem, str(public))))


def named_background(options: argparse.Namespace, paths: Paths) -> Background | None:
    """What ``--background`` names: a file, or the one that comes along; None without it.

    Raises
    ------
    SteadyhandError
        As `load_background`.
    """
    if options.background is None:
        return None
    if options.background == "shipped":
        return shipped_background()
    return load_background(Path(options.background), options.public, paths)


def _people(source: Path, paths: Paths, opening_key: Path | None) -> dict[str, list[SourceSession]]:
    """Sessions of each person, the longest first: it gives the person's scale."""
    people = by_person(sessions_at(source, SourceKeys.of(paths, opening_key)))
    return {
        name: sorted(sessions, key=lambda session: -session.path.stat().st_size)
        for name, sessions in people.items()
    }


def _text(summary: dict[str, Any], as_json: bool) -> str:
    if as_json:
        return json.dumps(summary, indent=2, ensure_ascii=False)
    lines = [
        f"background {summary['background']}, made {summary['created']}, "
        f"of {quantity(summary['people'], 'person', 'people')}, "
        f"{summary['features']} features; matrices alone"
    ]
    if not summary["fits_this_version"]:
        lines.append("made with other features than this version measures: build it again")
    if not summary["enough_people"]:
        lines.append(f"fewer than {ENOUGH_PEOPLE} people: usable, but measured to be less steady")
    lines += [
        f"reports every {rate['period_ms']} ms, windows of {rate['window_actions']} "
        f"actions: {quantity(rate['people'], 'person', 'people')}"
        for rate in summary["classes"]
    ]
    return visible_lines(lines)
