"""Security event tokens: signs claims as a JWS in compact form.

References
----------
RFC 8417, Security Event Token (July 2018), section 2.3: explicit typing, which Shared Signals demands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from agent.alerts.signals.signing_keys import ALGORITHM, RelayKey

TYPE: Final = "secevent+jwt"


def sign(claims: Mapping[str, Any], key: RelayKey) -> bytes:
    """The token. RS256 has no randomness in it: the same claims under the same key are the same bytes."""
    from joserfc import jws  # only the relay needs it

    header = {"alg": ALGORITHM, "kid": key.kid, "typ": TYPE}
    payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
    return jws.serialize_compact(header, payload, key.pair, algorithms=[ALGORITHM]).encode()
