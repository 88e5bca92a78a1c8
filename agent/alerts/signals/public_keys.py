"""Public keys of several relays that speak for one issuer, as one JWK Set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from agent.alerts.signals.signing_keys import MOST_BYTES, MOST_KEY_TEXT, MOST_KEYS
from agent.engine.errors import SteadyhandError
from agent.files.decode import Fields, decode_json


def merged_public_sets(sets: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One JWK Set of several relays' that speak for the same issuer."""
    by_kid = {key["kid"]: key for public_set in sets for key in public_set["keys"]}
    return {"keys": list(by_kid.values())}


def parse_public_set(content: bytes, where: str) -> dict[str, Any]:
    """Another relay's public keys, as `steadyhand signals public-keys` prints them.

    Raises
    ------
    SteadyhandError
        If it is anything else; a file with private keys is refused, so that none is published by mistake.
    """
    members = ("kid", "use", "alg", "kty", "n", "e")
    try:
        entries = Fields.of(decode_json(content, MOST_BYTES)).listed("keys", MOST_KEYS)
        keys = [Fields.of(entry, required=members, optional=()) for entry in entries]
        return {"keys": [{name: key.text(name, MOST_KEY_TEXT) for name in members} for key in keys]}
    except ValueError as error:
        mend = "give what steadyhand signals public-keys printed"
        raise SteadyhandError(f"{where} is no set of public keys ({error})", mend) from error
