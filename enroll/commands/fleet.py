"""`steadyhand-enroll fleet`: trains the users of a manifest into a folder of signed profiles."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity
from agent.engine.visible_text import visible_lines
from agent.files.keys import Role, SigningKey, local_signing_key
from agent.files.paths import Paths
from agent.files.private import mendable
from agent.files.profile import unpack_unsigned, write_profile
from enroll.arguments.training import named_detectors
from enroll.backends import worker_pool
from enroll.commands.background import named_background
from enroll.commands.cohort import load_cohort
from enroll.commands.office import train_office
from enroll.commands.rates import asked_rates
from enroll.detector_choice import sketched_by
from enroll.fleet import Failed, Shared, Trained, run
from enroll.manifest import User, read_manifest
from enroll.office.layout import MARKER
from enroll.office.passphrase import signing_key_at
from enroll.progress import ProgressReport
from enroll.sources.keys import SourceKeys


def fleet_report(options: argparse.Namespace, paths: Paths) -> tuple[str, bool]:
    """Train whoever has no profile yet; returns what is to be printed, and whether everybody has one.

    Raises
    ------
    SteadyhandError
        If the manifest, cohort, key or folder cannot be used, or the back-end not be started.
    """
    if (options.manifest / MARKER).is_file():
        return _of_office(options)
    if options.out is None:
        raise SteadyhandError("where do profiles go?", "name a folder with --out")
    users = read_manifest(options.manifest)
    if options.jobs == 0:
        raise SteadyhandError("--jobs 0", "use 1 or more, or -1 for all cores")
    signing = (
        signing_key_at(options.key, options.passphrase_file) if options.key else local_signing_key(paths)
    )
    role = Role.ADMINISTRATOR if options.key else Role.LOCAL
    out: Path = options.out
    with mendable(out, "write"):
        out.mkdir(parents=True, exist_ok=True)
    missing = [user for user in users if not _figures(out, user.key).is_file()]
    shared = _shared(options, missing, paths)
    with (
        ProgressReport("user", len(missing), quiet=options.quiet) as report,
        worker_pool(options.backend, options.jobs, options.scheduler) as workers,
    ):
        failed = run(
            missing,
            shared,
            workers,
            lambda trained: _keep(out, trained, signing, role),
            report.step,
        )
    return _text(users, missing, failed, options), not failed


def _of_office(options: argparse.Namespace) -> tuple[str, bool]:
    """An office is its own manifest: everybody under every mouse whose recordings their profile does not rest on."""
    if options.out is not None or options.cohort is not None or options.detectors or options.background:
        raise SteadyhandError(
            "--out, --cohort, --background and --detectors are of a manifest",
            "leave them out: an office has its own places",
        )
    options.office, options.person, options.why = options.manifest, None, ""
    return train_office(options)


def _shared(options: argparse.Namespace, users: Sequence[User], paths: Paths) -> Shared:
    detectors = named_detectors(options)
    sketched_by(detectors)  # an unknown name is told once, not for every user
    return Shared(
        asked_rates(options, paths),
        datetime.now(UTC).replace(microsecond=0),
        options.sequence,
        load_cohort(options.cohort, options.public, paths) if options.cohort else None,
        SourceKeys.of(paths, options.opening_key),
        tuple(detectors) if detectors else None,
        named_background(options, paths),
    )


def _keep(out: Path, trained: Trained, key: SigningKey, role: Role) -> None:
    """The profile, then the figures whose presence says that it is complete."""
    profile = unpack_unsigned(trained.profile)
    write_profile(out / f"{quote(trained.key, safe='')}.profile", profile, key, role)
    path = _figures(out, trained.key)
    part = path.with_suffix(".part")
    with mendable(path, "write"):
        part.write_text(json.dumps(trained.figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(part, path)


def _figures(out: Path, key: str) -> Path:
    return out / f"{quote(key, safe='')}.json"


def _text(
    users: Sequence[User], tried: Sequence[User], failed: Sequence[Failed], options: argparse.Namespace
) -> str:
    summary: dict[str, Any] = {
        "users": len(users),
        "there_already": len(users) - len(tried),
        "trained": len(tried) - len(failed),
        "failed": {failure.key: failure.why for failure in failed},
    }
    if options.json:
        return json.dumps(summary, indent=2, ensure_ascii=False)
    lines = [
        f"{quantity(summary['users'], 'user')}: {summary['trained']} "
        f"trained, {summary['there_already']} there already, "
        f"{len(failed)} failed; profiles are in {options.out}"
    ]
    lines += [f"  {failure.key}: {failure.why}" for failure in failed]
    if len(failed) < len(tried) and options.key:
        lines.append(
            f"agents ask for other names: steadyhand-enroll store add FOLDER {options.out}/*.profile "
            f"--key {options.key} gives them these"
        )
    if failed:
        lines.append("mend these and run the same command again: it does only what is missing")
    return visible_lines(lines)
