"""Trust: the public keys that a computer believes, and for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from agent.files.signing import PublicKey


class Role(Enum):
    """Whose key it is."""

    ADMINISTRATOR = "administrator"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Trust:
    """The public keys that this computer believes, and for what.

    Attributes
    ----------
    keys : mapping of str to (PublicKey, Role)
        By key id.
    problems : tuple of str
        Key files that are not used, and why: a line each, for an alert.
    recovery : frozenset of str
        Ids of the recovery keys among them, which nobody else revokes.
    """

    keys: Mapping[str, tuple[PublicKey, Role]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    recovery: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *, administrator: PublicKey | None = None, local: PublicKey | None = None) -> Trust:
        """Trust in the keys given. A key that is both is the administrator's."""
        keys_by_role = ((local, Role.LOCAL), (administrator, Role.ADMINISTRATOR))
        return cls({key.key_id: (key, role) for key, role in keys_by_role if key is not None})

    def role_of(self, key_id: str) -> Role | None:
        """Whose key it is; None for a stranger's."""
        known = self.keys.get(key_id)
        return known[1] if known else None
