"""Trust from the published index: keys that administrators endorsed, less those that they revoked."""

from __future__ import annotations

from dataclasses import replace

from agent.engine.errors import SteadyhandError
from agent.files.endorsement import endorsed_keys, revocations
from agent.files.paths import Paths
from agent.files.private import read_private
from agent.files.published_index import MOST_INDEX_BYTES, PublishedIndex, open_index, unverified_index
from agent.files.trust import Role, Trust


def with_index(trust: Trust, paths: Paths) -> Trust:
    """`trust` as the index says that was fetched last; unchanged where none was, or where it is not valid.

    Parameters
    ----------
    trust : Trust
        What root installed on this computer.
    paths : Paths
    """
    try:
        packed = read_private(paths.fetched_index_file, MOST_INDEX_BYTES)
    except FileNotFoundError:
        return trust
    except SteadyhandError as error:
        return replace(trust, problems=(*trust.problems, str(error)))
    try:
        return checked_index(packed, str(paths.fetched_index_file), trust)[1]
    except SteadyhandError as error:
        return replace(trust, problems=(*trust.problems, str(error)))


def checked_index(packed: bytes, where: str, trust: Trust) -> tuple[PublishedIndex, Trust]:
    """An index whose signature counts by `trust`, or by a key that `trust` vouches for in it; and the trust after it.

    Raises
    ------
    SteadyhandError
        If it is not one, or its signer is not trusted, or revoked by it.
    """
    claimed = unverified_index(packed, where)
    administrators = {key_id: key for key_id, (key, role) in trust.keys.items() if role is Role.ADMINISTRATOR}
    revoked = revocations(claimed.revoked_keys, claimed.signed_by, trust.recovery)
    added = endorsed_keys(claimed.endorsements, administrators, revoked)
    keys = {key_id: known for key_id, known in trust.keys.items() if key_id not in revoked}
    keys |= {key_id: (key, Role.ADMINISTRATOR) for key_id, key in added.items()}
    after = replace(trust, keys=keys)
    return open_index(packed, where, after), after
