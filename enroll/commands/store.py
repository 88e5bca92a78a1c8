"""`steadyhand-enroll store`: what is in the administrator's folder of profiles, and what changes there."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from agent.engine.disagreement import disagreements_of
from agent.engine.visible_text import visible_lines
from agent.files.cohort import read_cohort
from agent.files.keys import PublicKey, SigningKey, Trust, load_trust
from agent.files.paths import Paths
from agent.files.private import mendable
from agent.files.profile import read_profile
from enroll.commands.rates import asked_rates
from enroll.edition import Edition
from enroll.likeness import OnFile
from enroll.office.passphrase import signing_key_at
from enroll.sources.enrolment import enrolment_at
from enroll.store import ProfileStore, StoredProfile
from enroll.train import train


def store_report(options: argparse.Namespace, paths: Paths) -> tuple[str, bool]:
    """Do what `store list`, `show`, `add`, `expire`, `revoke` or `re-enrol` asks.

    Returns
    -------
    str
        What is to be printed.
    bool
        False where a new version does not agree with what is on file.

    Raises
    ------
    SteadyhandError
        If nothing fits the user and configuration, or a file cannot be read or written.
    """
    key = signing_key_at(options.key, options.passphrase_file) if "key" in options else None
    store = ProfileStore(options.folder, _trust(options, key, paths))
    if key is None:
        return _shown(store, options), True
    changes = {"add": _add, "expire": _expire, "revoke": _revoke, "re-enrol": _re_enrol}
    made = changes[options.action](store, key, options, paths)
    return _changes_text(made, options), not any(change.get("disagrees") for change in made)


def _shown(store: ProfileStore, options: argparse.Namespace) -> str:
    if options.action == "show":
        profiles = store.of(options.user, options.mouse)
        problems: list[str] = []
        entries = [{**stored.to_json(), "summary": dict(stored.profile.summary)} for stored in profiles]
        mice = {stored.profile.mouse.key: list(stored.profile.mouse.lines()) for stored in profiles}
        entries = [{**entry, "mouse_values": mice[entry["configuration"]]} for entry in entries]
    else:
        profiles, problems = store.read()
        entries = [stored.to_json() for stored in profiles if options.user in ("", stored.profile.user)]
    if options.json:
        return json.dumps({"profiles": entries, "problems": problems}, indent=2, ensure_ascii=False)
    lines = [
        line for entry in entries for line in (_lines(entry) if options.action == "show" else [_line(entry)])
    ]
    return visible_lines([*(lines or ["no profiles"]), *(f"not used: {problem}" for problem in problems)])


def _line(entry: dict[str, Any]) -> str:
    why = f"  ({entry['why']})" if entry["why"] else ""
    return (
        f"{entry['user']:<16} {entry['configuration']:<18} {entry['state']:<8} version {entry['sequence']:<4} "
        f"until {entry['expires'][:10]}  {entry['mouse']}{why}"
    )


def _lines(entry: dict[str, Any]) -> list[str]:
    plain = {name: shown for name, shown in entry.items() if name not in ("summary", "mouse_values")} | entry[
        "summary"
    ]
    width = max(map(len, plain))
    return [
        *(
            f"{name.replace('_', ' '):<{width}}  {'-' if shown == '' else shown}"
            for name, shown in plain.items()
        ),
        *(f"{'':<{width}}  {line}" for line in entry["mouse_values"]),
        "",
    ]


def _changes_text(changes: Sequence[dict[str, Any]], options: argparse.Namespace) -> str:
    done = not options.dry_run
    if options.json:
        return json.dumps({"done": done, "changes": list(changes)}, indent=2, ensure_ascii=False)
    verb = "" if done else "would be "
    lines = [f"{c['user']} {c['configuration']}: {verb}{c['change']}" for c in changes]
    return visible_lines(
        [*lines, *(f"{c['user']}: what was learnt {w}" for c in changes for w in c.get("disagrees", ()))]
    )


def _change(user: str, configuration: str, what: str) -> dict[str, Any]:
    return {"user": user, "configuration": configuration, "change": what}


def _each(profiles: Sequence[StoredProfile], what: str) -> list[dict[str, Any]]:
    return [_change(stored.profile.user, stored.profile.mouse.key, what) for stored in profiles]


def _add(
    store: ProfileStore, key: SigningKey, options: argparse.Namespace, paths: Paths
) -> list[dict[str, Any]]:
    signed_profiles = [
        read_profile(path, _trust(options, key, paths), now=store.now()) for path in options.profiles
    ]
    for signed in signed_profiles:
        if not options.dry_run:
            store.put(signed.profile, key)
    return [_change(signed.profile.user, signed.profile.mouse.key, "added") for signed in signed_profiles]


def _expire(
    store: ProfileStore, key: SigningKey, options: argparse.Namespace, _: Paths
) -> list[dict[str, Any]]:
    profiles = store.of(options.user, options.mouse)
    for stored in profiles:
        if not options.dry_run:
            store.expire(stored, key)
    return _each(profiles, "expired")


def _revoke(
    store: ProfileStore, key: SigningKey, options: argparse.Namespace, _: Paths
) -> list[dict[str, Any]]:
    profiles = store.of(options.user, options.mouse)
    for stored in profiles:
        if not options.dry_run:
            store.revoke(stored, options.why, key)
    return _each(profiles, f"revoked: {options.why}")


def _re_enrol(
    store: ProfileStore, key: SigningKey, options: argparse.Namespace, paths: Paths
) -> list[dict[str, Any]]:
    """A new version from new recordings, whatever the old one was: also after it was revoked."""
    enrolment = enrolment_at(
        options.source, options.user, paths, opening_key=options.opening_key, quiet=options.quiet
    )
    sequence = store.next_sequence(options.user, enrolment.mouse.key)
    on_file = OnFile(tuple(stored.profile for stored in store.read()[0]), enrolment.scripted)
    change = _change(options.user, enrolment.mouse.key, f"enrolled as version {sequence}")
    if options.dry_run:
        return [change]
    cohort = read_cohort(options.cohort, _trust(options, key, paths)) if options.cohort else None
    profile = train(
        enrolment.sessions,
        options.user,
        enrolment.mouse,
        asked_rates(options, paths),
        cohort=cohort,
        but=options.cohort_number,
        on_file=on_file,
        edition=Edition(sequence),
    )
    store.put(profile, key)
    return [{**change, "disagrees": [finding.words for finding in disagreements_of(profile.summary)]}]


def _trust(options: argparse.Namespace, key: SigningKey | None, paths: Paths) -> Trust:
    """The signing key's own public half, the one that is named, else the installed ones."""
    if key is not None:
        installed = load_trust(paths, local=True)
        return Trust({**installed.keys, **Trust.of(administrator=key.public).keys}, installed.problems)
    if options.public is None:
        return load_trust(paths, local=True)
    with mendable(options.public, "read"):
        pem = options.public.read_bytes()
    return Trust.of(administrator=PublicKey.from_pem(pem, str(options.public)))
