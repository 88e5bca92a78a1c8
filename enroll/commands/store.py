"""`steadyhand-enroll store`: what is in the administrator's folder of profiles, and what changes there."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from agent.engine.disagreement import disagreements_of
from agent.files.keys import PublicKey, SigningKey, Trust, load_signing_key, load_trust
from agent.files.paths import Paths
from agent.files.private import mendable
from agent.files.profile import read_profile
from enroll.likeness import OnFile
from enroll.sources import enrolment_at
from enroll.store import Kept, Store
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
    key = load_signing_key(options.key) if "key" in options else None
    store = Store(options.folder, _trust(options, key, paths))
    if key is None:
        return _shown(store, options), True
    changes = {"add": _add, "expire": _expire, "revoke": _revoke, "re-enrol": _re_enrol}
    made = changes[options.action](store, key, options, paths)
    return _told(made, options), not any(change.get("disagrees") for change in made)


def _shown(store: Store, options: argparse.Namespace) -> str:
    if options.action == "show":
        kept = store.of(options.user, options.mouse)
        problems: list[str] = []
        told = [{**one.to_json(), "summary": dict(one.profile.summary)} for one in kept]
        mice = {one.profile.mouse.key: list(one.profile.mouse.lines()) for one in kept}
        told = [{**one, "mouse_values": mice[one["configuration"]]} for one in told]
    else:
        kept, problems = store.read()
        told = [one.to_json() for one in kept if options.user in ("", one.profile.user)]
    if options.json:
        return json.dumps({"profiles": told, "problems": problems}, indent=2, ensure_ascii=False)
    lines = [line for one in told for line in (_lines(one) if options.action == "show" else [_line(one)])]
    return "\n".join([*(lines or ["no profiles"]), *(f"not used: {problem}" for problem in problems)])


def _line(told: dict[str, Any]) -> str:
    why = f"  ({told['why']})" if told["why"] else ""
    return (
        f"{told['user']:<16} {told['configuration']:<18} {told['state']:<8} version {told['sequence']:<4} "
        f"until {told['expires'][:10]}  {told['mouse']}{why}"
    )


def _lines(told: dict[str, Any]) -> list[str]:
    plain = {name: value for name, value in told.items() if name not in ("summary", "mouse_values")} | told[
        "summary"
    ]
    width = max(map(len, plain))
    return [
        *(
            f"{name.replace('_', ' '):<{width}}  {'-' if value == '' else value}"
            for name, value in plain.items()
        ),
        *(f"{'':<{width}}  {line}" for line in told["mouse_values"]),
        "",
    ]


def _told(changes: Sequence[dict[str, Any]], options: argparse.Namespace) -> str:
    done = not options.dry_run
    if options.json:
        return json.dumps({"done": done, "changes": list(changes)}, indent=2, ensure_ascii=False)
    verb = "" if done else "would be "
    lines = [f"{c['user']} {c['configuration']}: {verb}{c['change']}" for c in changes]
    return "\n".join(
        [*lines, *(f"{c['user']}: what was learnt {w}" for c in changes for w in c.get("disagrees", ()))]
    )


def _change(user: str, configuration: str, what: str) -> dict[str, Any]:
    return {"user": user, "configuration": configuration, "change": what}


def _each(kept: Sequence[Kept], what: str) -> list[dict[str, Any]]:
    return [_change(one.profile.user, one.profile.mouse.key, what) for one in kept]


def _add(store: Store, key: SigningKey, options: argparse.Namespace, paths: Paths) -> list[dict[str, Any]]:
    told = [read_profile(path, _trust(options, key, paths), now=store.now()) for path in options.profiles]
    for one in told:
        if not options.dry_run:
            store.put(one.profile, key)
    return [_change(one.profile.user, one.profile.mouse.key, "added") for one in told]


def _expire(store: Store, key: SigningKey, options: argparse.Namespace, _: Paths) -> list[dict[str, Any]]:
    kept = store.of(options.user, options.mouse)
    for one in kept:
        if not options.dry_run:
            store.expire(one, key)
    return _each(kept, "expired")


def _revoke(store: Store, key: SigningKey, options: argparse.Namespace, _: Paths) -> list[dict[str, Any]]:
    kept = store.of(options.user, options.mouse)
    for one in kept:
        if not options.dry_run:
            store.revoke(one, options.why, key)
    return _each(kept, f"revoked: {options.why}")


def _re_enrol(
    store: Store, key: SigningKey, options: argparse.Namespace, paths: Paths
) -> list[dict[str, Any]]:
    """A new version from new recordings, whatever the old one was: also after it was revoked."""
    enrolment = enrolment_at(options.source, options.user, paths)
    sequence = store.next_sequence(options.user, enrolment.mouse.key)
    on_file = OnFile(tuple(one.profile for one in store.read()[0]), enrolment.scripted)
    told = _change(options.user, enrolment.mouse.key, f"enrolled as version {sequence}")
    if options.dry_run:
        return [told]
    profile = train(enrolment.sessions, options.user, enrolment.mouse, on_file=on_file, sequence=sequence)
    store.put(profile, key)
    return [{**told, "disagrees": [one.words for one in disagreements_of(profile.summary)]}]


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
