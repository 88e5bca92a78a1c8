"""Metadata of the transmitter as static files, which the administrator puts behind the issuer's address.

References
----------
OpenID Shared Signals Framework 1.0 (29 August 2025), sections 7.1 and 7.2: members, and the path of the document.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from agent.engine.errors import SteadyhandError
from agent.files.private import mendable, write_public
from agent.files.web_address import parse_address

PUSH: Final = "urn:ietf:rfc:8935"
WELL_KNOWN: Final = ".well-known/ssf-configuration"
KEY_SET: Final = "jwks.json"


def metadata(issuer: str) -> dict[str, Any]:
    """The Transmitter Configuration Metadata: push alone, no endpoint to manage streams at.

    Raises
    ------
    SteadyhandError
        If there is no issuer.
    """
    if not issuer:
        raise SteadyhandError("ssf_issuer is not set", "name the transmitter's https:// address in policy")
    return {
        "spec_version": "1_0",
        "issuer": issuer,
        "jwks_uri": f"{issuer.rstrip('/')}/{KEY_SET}",
        "delivery_methods_supported": [PUSH],
        "default_subjects": "ALL",
    }


def publish(folder: Path, issuer: str, key_set: Mapping[str, Any]) -> tuple[Path, Path]:
    """Write metadata and key set below the folder that is served at the root of the issuer's host.

    The key set comes first: whoever reads the metadata finds it.

    Returns
    -------
    tuple of Path
        The two files.

    Raises
    ------
    SteadyhandError
        If there is no issuer or no key, or a file cannot be written.
    """
    document = metadata(issuer)
    if not key_set["keys"]:
        raise SteadyhandError("there is no public key to publish", "make one: steadyhand signals new-key")
    path = parse_address(issuer).path.strip("/")
    keys_file = folder / path / KEY_SET
    document_file = folder / WELL_KNOWN / path if path else folder / WELL_KNOWN
    for file, content in ((keys_file, key_set), (document_file, document)):
        with mendable(file.parent, "make the folder"):
            file.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        write_public(file, json.dumps(content, indent=1).encode() + b"\n")
    return document_file, keys_file
