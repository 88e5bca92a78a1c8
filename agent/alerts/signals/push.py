"""Push of tokens: one POST a token, and what the receiver's answer means for it.

References
----------
RFC 8935, Push-Based Security Event Token Delivery Using HTTP (November 2020), sections 2.1 to 2.4: 202 is the only
acknowledgement; 400 comes with a JSON object of err and description.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agent.alerts.api import DeliveryOutcome, Sent
from agent.alerts.transports.http_client import Answer, Client
from agent.engine.visible_text import visible

STREAM_ERRORS: Final = frozenset(
    ("invalid_key", "invalid_issuer", "invalid_audience", "authentication_failed", "access_denied")
)
"""Errors of RFC 8935, section 2.4, that may be the whole stream's trouble and not this token's."""

ARRIVED: Final = Sent(1, DeliveryOutcome.OK)
_ACCEPTED: Final = 202
_BAD_REQUEST: Final = 400
_MOST_ERROR: Final = 64
_MOST_DESCRIPTION: Final = 200


@dataclass(frozen=True, slots=True)
class PushAnswer:
    """What became of one token.

    Attributes
    ----------
    sent : Sent
    error : str
        The receiver's code where it answers 400 with one; empty otherwise.
    """

    sent: Sent
    error: str = ""


class TokenPush:
    """Posts tokens over one connection.

    Parameters
    ----------
    client : Client
    setting : str
        The setting that names the receiver, for error texts.
    authorization : str
        The header that the receiver asks for; empty for none.
    """

    def __init__(self, client: Client, setting: str, authorization: str = "") -> None:
        self._client = client
        self._setting = setting
        self._headers = {"Content-Type": "application/secevent+jwt", "Accept": "application/json"}
        if authorization:
            self._headers["Authorization"] = authorization

    def push(self, token: bytes) -> PushAnswer:
        """Post one. Never raises for what the world does; blocks as `Client.post`."""
        answer = self._client.post("", self._headers, token)
        if answer.status == _ACCEPTED:
            return PushAnswer(ARRIVED)
        if answer.status == _BAD_REQUEST:
            return self._refusal(answer)
        if answer.outcome is DeliveryOutcome.OK:
            why = (
                f"{self._setting} answers {answer.status} and not 202, which is no acknowledgement (RFC 8935)"
            )
            return PushAnswer(Sent(0, DeliveryOutcome.AUTH_FAILED, why))
        return PushAnswer(Sent(0, answer.outcome, answer.detail, answer.retry_after_s))

    def _refusal(self, answer: Answer) -> PushAnswer:
        document = answer.json_object()
        error, description = document.get("err"), document.get("description")
        if not isinstance(error, str):
            return PushAnswer(Sent(0, DeliveryOutcome.PERMANENT, answer.detail))
        code = visible(error)[:_MOST_ERROR]
        text = f": {visible(description)[:_MOST_DESCRIPTION]}" if isinstance(description, str) else ""
        return PushAnswer(
            Sent(0, DeliveryOutcome.PERMANENT, f"{self._setting} answers 400 {code}{text}"), code
        )
