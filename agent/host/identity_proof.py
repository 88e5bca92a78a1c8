"""Proofs of identity: what a proof is, and the contract of a system that authenticates its users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from agent.engine.day_baseline import Proof


@dataclass(frozen=True, slots=True)
class IdentityProof:
    """A proof of identity: what proved it, when, and by whose word.

    Attributes
    ----------
    kind : Proof
    t_ns : int
        On the monotonic clock.
    authority : str
        Who vouches for it: a PAM service, polkit, the system's own prompt.
    """

    kind: Proof
    t_ns: int
    authority: str


class IdentityProofs(Protocol):
    """What the system's own authentication has proved of this user, at a login or an unlock."""

    def latest(self) -> SystemAuthentication | None:
        """The newest; None where there is none, or nobody tells. Worker thread; blocks as long as a small file takes.

        Raises
        ------
        SteadyhandError
            If what is there was not written by the system's authentication.
        """


@dataclass(frozen=True, slots=True)
class SystemAuthentication:
    """One authentication of this user by the system.

    Attributes
    ----------
    t_ns : int
        When it succeeded, on the monotonic clock.
    service : str
        Name of the service that asked, such as ``gdm-password``.
    """

    t_ns: int
    service: str
