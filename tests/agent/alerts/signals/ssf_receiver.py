"""A receiver of Shared Signals, written from the specifications, that verifies with another library (jwcrypto).

SSF 1.0 sections 3 to 8, CAEP 1.0 section 3, RFC 8417, RFC 8935, RFC 9493. It reads the transmitter's published files as
it would over the web, and keeps the key set until it is told to fetch it again, as receivers do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jwcrypto.common import JWException
from jwcrypto.jwk import JWKSet
from jwcrypto.jws import JWS

from tests.agent.alerts.transports.http_stub import Handler, Request, Stub, serving

CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
SSF = "https://schemas.openid.net/secevent/ssf/event-type/"
LEVELS = ("LOW", "MEDIUM", "HIGH")
IDENTIFIERS = {
    "account": {"uri"},
    "email": {"email"},
    "iss_sub": {"iss", "sub"},
    "opaque": {"id"},
    "phone_number": {"phone_number"},
    "did": {"url"},
    "uri": {"uri"},
    "aliases": {"identifiers"},
}
Trouble = Callable[[Handler], None]


class Refusal(Exception):
    """A token that is not taken: the error code of RFC 8935, section 2.4, and a description."""

    def __init__(self, err: str, description: str) -> None:
        super().__init__(err)
        self.err = err
        self.description = description


class SsfReceiver:
    """Takes tokens, checks everything that the specifications let it check, and knows repetitions by their jti."""

    def __init__(self, folder: Path, issuer: str, audience: str, authorization: str = "") -> None:
        self.folder = folder
        self.issuer = issuer
        self.audience = audience
        self.authorization = authorization
        self.tokens: dict[str, dict[str, Any]] = {}
        """By jti, the claims of what was acknowledged."""
        self.deliveries: list[str] = []
        """The jti of every acknowledged push, repetitions as well."""
        self.refused: list[Refusal] = []
        self.troubles: list[Trouble | None] = []
        """What to do instead of answering properly, push by push; None to answer."""
        self.always: Trouble | None = None
        """What to do with every push, when nothing else is planned."""
        self.unwanted: dict[str, Refusal] = {}
        """Refusals by jti, for good."""
        self._keys = JWKSet()

    def fetch(self) -> None:
        """Read metadata and key set anew, as SSF 1.0 section 7.2 finds them."""
        host_path = self.issuer.removeprefix("https://").partition("/")[2].strip("/")
        well_known = self.folder / ".well-known" / "ssf-configuration"
        document = json.loads((well_known / host_path if host_path else well_known).read_text())
        assert document["issuer"] == self.issuer, "section 7.2.4: it must be the address that was asked"
        assert document["spec_version"] == "1_0"
        assert "urn:ietf:rfc:8935" in document["delivery_methods_supported"]
        root = "https://" + self.issuer.removeprefix("https://").partition("/")[0] + "/"
        assert document["jwks_uri"].startswith(root)
        key_set = (self.folder / document["jwks_uri"].removeprefix(root)).read_text()
        for key in json.loads(key_set)["keys"]:
            assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & key.keys(), "a private key is published"
        self._keys = JWKSet.from_json(key_set)

    @contextmanager
    def listening(self) -> Iterator[Stub]:
        """Serve on loopback."""
        with serving() as stub:
            stub.script = _Endless(self._step)  # type: ignore[assignment]
            yield stub

    def people_events(self) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
        """Short type, members and subject of what was acknowledged about people, in order."""
        events = []
        for claims in self.tokens.values():
            ((uri, members),) = claims["events"].items()
            if uri.startswith(CAEP):
                events.append((uri.removeprefix(CAEP), members, claims["sub_id"]))
        return events

    def stream_events(self) -> list[tuple[str, dict[str, Any]]]:
        """Short type and members of what was acknowledged about the stream, in order."""
        pairs = [pair for claims in self.tokens.values() for pair in claims["events"].items()]
        return [(uri.removeprefix(SSF), members) for uri, members in pairs if uri.startswith(SSF)]

    def _step(self, handler: Handler) -> None:
        trouble = self.troubles.pop(0) if self.troubles else self.always
        if trouble is not None:
            trouble(handler)
            return
        self.answer(handler)

    def answer(self, handler: Handler) -> None:
        """Take the push that just came, or refuse it (RFC 8935, sections 2.2 and 2.3)."""
        request = handler.stub.requests[-1]
        if self.authorization and request.headers.get("Authorization") != self.authorization:
            handler.answer(401, {"WWW-Authenticate": "Bearer"}, b"")
            return
        try:
            claims = self.check(request)
        except Refusal as refusal:
            self.refused.append(refusal)
            body = {"err": refusal.err, "description": refusal.description}
            handler.answer(400, {"Content-Type": "application/json", "Content-Language": "en"}, body)
            return
        self.deliveries.append(claims["jti"])
        self.tokens.setdefault(claims["jti"], claims)
        handler.answer(202, {}, b"")

    def check(self, request: Request) -> dict[str, Any]:
        """The claims of a token that is in order."""
        if request.headers.get("Content-Type") != "application/secevent+jwt":
            raise Refusal("invalid_request", "not a security event token by its media type")
        claims = self._verified(request.body.decode("ascii"))
        if claims.get("iss") != self.issuer:
            raise Refusal("invalid_issuer", "another issuer")
        if claims.get("aud") != self.audience:
            raise Refusal("invalid_audience", "another audience")
        if claims.get("jti") in self.unwanted:
            raise self.unwanted[claims["jti"]]
        _check_claims(claims)
        return claims

    def _verified(self, token: str) -> dict[str, Any]:
        signed = JWS()
        signed.allowed_algs = ["RS256"]
        try:
            signed.deserialize(token)
            header = signed.jose_header
        except JWException as error:
            raise Refusal("invalid_request", "not a JWS") from error
        if header.get("typ") != "secevent+jwt":
            raise Refusal("invalid_request", "typ is not secevent+jwt")
        key = self._keys.get_key(header.get("kid"))
        if key is None:
            raise Refusal("invalid_key", "no such key in the key set")
        try:
            signed.verify(key)
        except JWException as error:
            raise Refusal("invalid_key", "the signature does not hold") from error
        claims: dict[str, Any] = json.loads(signed.payload)
        return claims


class _Endless:
    """A script that never ends, for the stub's list."""

    def __init__(self, step: Trouble) -> None:
        self._step = step

    def pop(self, _: int) -> Trouble:
        return self._step


def _check_claims(claims: dict[str, Any]) -> None:
    if {"sub", "exp"} & claims.keys():
        raise Refusal("invalid_request", "sub and exp are forbidden")
    if not isinstance(claims.get("jti"), str) or type(claims.get("iat")) is not int:
        raise Refusal("invalid_request", "jti or iat is missing")
    if not isinstance(claims.get("events"), dict) or len(claims["events"]) != 1:
        raise Refusal("invalid_request", "events must hold one event")
    ((uri, members),) = claims["events"].items()
    _check_subject(claims.get("sub_id"))
    if uri.startswith(SSF):
        _check_stream_event(uri, members, claims["sub_id"])
    else:
        _check_caep(uri.removeprefix(CAEP), members)


def _check_subject(subject: Any) -> None:
    if not isinstance(subject, dict) or "format" not in subject:
        raise Refusal("invalid_request", "sub_id is missing")
    if subject["format"] == "complex":
        for name in subject.keys() - {"format"}:
            _check_subject(subject[name])
        return
    if subject.keys() - {"format"} != IDENTIFIERS.get(subject["format"]):
        raise Refusal("invalid_request", "sub_id is no subject identifier of RFC 9493")


def _check_stream_event(uri: str, members: dict[str, Any], subject: dict[str, Any]) -> None:
    if subject.get("format") != "opaque":
        raise Refusal("invalid_request", "the subject of a stream is opaque")
    kind = uri.removeprefix(SSF)
    if kind == "verification" and "state" in members:
        raise Refusal("invalid_state", "nobody asked for this verification")
    if kind == "stream-updated" and members.get("status") not in ("enabled", "paused", "disabled"):
        raise Refusal("invalid_request", "status is missing")


def _check_caep(kind: str, members: dict[str, Any]) -> None:
    if type(members.get("event_timestamp", 0)) is not int:
        raise Refusal("invalid_request", "event_timestamp is no number")
    if members.get("initiating_entity", "policy") not in ("admin", "user", "policy", "system"):
        raise Refusal("invalid_request", "initiating_entity")
    wrong = {
        "risk-level-change": members.get("current_level") not in LEVELS or "principal" not in members,
        "assurance-level-change": not members.get("namespace") or not members.get("current_level"),
        "session-revoked": not members.get("reason_admin"),
    }
    if wrong.get(kind, True):
        raise Refusal("invalid_request", f"{kind}: not as CAEP has it")
