"""`steadyhand-enroll policy`: signs a policy for the folder that agents ask."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from agent.config.policy import parse_policy
from agent.config.signed_policy import MOST_POLICY_BYTES, open_policy, sign_policy
from agent.engine.errors import SteadyhandError
from agent.engine.sentence import quantity
from agent.files.keys import SigningKey, Trust
from agent.files.private import mendable, write_public
from enroll.office.passphrase import signing_key_at


def policy_report(options: argparse.Namespace) -> str:
    """Sign a policy file for the folder; one line on what was written.

    Raises
    ------
    SteadyhandError
        If the policy has an unknown key or a bad value, or a file cannot be read or written.
    """
    with mendable(options.policy, "read"):
        policy_json = options.policy.read_bytes()
    count = len(parse_policy(policy_json, str(options.policy)))
    key = signing_key_at(options.key, options.passphrase_file)
    sequence = options.sequence or _sequence_at(options.out, key) + 1
    signed = sign_policy(
        json.loads(policy_json), key, sequence, datetime.now(UTC).isoformat(timespec="seconds")
    )
    what = f"{options.out}: version {sequence}, {quantity(count, 'setting')}, signed by key {key.key_id}"
    if options.dry_run:
        return f"would write {what}"
    write_public(options.out, signed)
    return what


def _sequence_at(path: Path, key: SigningKey) -> int:
    """The version of the signed policy that is there; 0 where there is none."""
    if not path.exists():
        return 0
    with mendable(path, "read"):
        signed = path.read_bytes()[: MOST_POLICY_BYTES + 1]
    try:
        return open_policy(signed, str(path), Trust.of(administrator=key.public)).sequence
    except SteadyhandError as error:
        raise SteadyhandError(
            error.what, "name the version with --sequence, or another file with --out"
        ) from error
