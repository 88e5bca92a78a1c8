"""Profiles as files: signed, checked in every part before use, unable to execute anything."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Limits, Profile
from agent.files.archive import Archive, ArchiveForm, pack, read_bounded, unpack
from agent.files.field_checks import check_keys, check_names, check_text, utc
from agent.files.keys import Role, SigningKey, Trust
from agent.files.npz import check_array
from agent.files.private import write_private

PROFILE: Final = ArchiveForm("profile", schema=1, most_bytes=64 << 20)

_KEYS: Final = frozenset(f.name for f in fields(Profile)) - {"arrays"}
_LIMIT_TYPES: Final = {"alert": float, "lock": float, "asked_per_40h": float, "estimated": bool}
_MOST_LIMIT: Final = 1e9
_MOST_SEQUENCE: Final = 1 << 53
_REMAKE: Final = "have it made again"


@dataclass(frozen=True, slots=True, eq=False)
class SignedProfile:
    """A profile whose signature and content were checked.

    Attributes
    ----------
    profile : Profile
    key_id : str
        Who signed it.
    origin : str
        ``administrator`` or ``local``.
    expired : bool
        True after its expiry: the caller goes on in alert-only for its grace period, and says so.
    sha256 : str
        Of the file, in hexadecimal.
    """

    profile: Profile
    key_id: str
    origin: str
    expired: bool
    sha256: str


def write_profile(path: Path, profile: Profile, signing_key: SigningKey, origin: Role | str) -> None:
    """Sign a profile and keep it at `path`, in the place of what is there.

    Raises
    ------
    SteadyhandError
        If the profile is not valid, or the file cannot be written.
    """
    write_private(path, pack_signed(profile, signing_key, origin))


def pack_signed(profile: Profile, signing_key: SigningKey, origin: Role | str) -> bytes:
    """A signed profile as the bytes of its file.

    Raises
    ------
    SteadyhandError
        If the profile is not valid.
    """
    return _packed(profile, signing_key, Role(origin).value)


def read_profile(
    path: Path, trust: Trust, *, now: datetime, known_sequence: int | None = None
) -> SignedProfile:
    """Read a profile, checking everything before any of it is used.

    Parameters
    ----------
    path : Path
    trust : Trust
        The keys that are believed.
    now : datetime
        With a time zone: decides what is expired.
    known_sequence : int, optional
        The highest sequence seen of this user and mouse; a lower one is a rollback.

    Raises
    ------
    SteadyhandError
        If it is damaged, changed, signed by a stranger, made for a newer agent, rolled back, or not valid.
        An expired one is no error: see `SignedProfile.expired`.
    """
    return open_profile(read_bounded(path, PROFILE), str(path), trust, now=now, known_sequence=known_sequence)


def open_profile(
    packed: bytes, where: str, trust: Trust, *, now: datetime, known_sequence: int | None = None
) -> SignedProfile:
    """As `read_profile`, from bytes; `where` names them in errors."""
    archive = unpack(PROFILE, packed, where, trust)
    profile = _profile(archive, where)
    check_sequence(profile, known_sequence, where)
    expired = now >= expires_at(profile)
    return SignedProfile(profile, archive.key_id, archive.origin, expired, hashlib.sha256(packed).hexdigest())


def pack_unsigned(profile: Profile) -> bytes:
    """A profile without signature: what the training child hands to its parent over a pipe.

    Raises
    ------
    SteadyhandError
        If the profile is not valid.
    """
    return _packed(profile, None, "")


def unpack_unsigned(packed: bytes, where: str = "the profile that the training returned") -> Profile:
    """Read what `pack_unsigned` wrote, with every check but the signature's; `where` names it in errors.

    Raises
    ------
    SteadyhandError
        If it is damaged or not valid.
    """
    return _profile(unpack(PROFILE, packed, where, None), where)


def check_sequence(profile: Profile, known_sequence: int | None, where: str) -> None:
    """Refuse a rollback.

    Raises
    ------
    SteadyhandError
        If a higher sequence than the profile's is known.
    """
    if known_sequence is not None and profile.sequence < known_sequence:
        raise SteadyhandError(
            f"{where} is version {profile.sequence}, but version {known_sequence} was here before",
            "install the newest version; an old one is not taken back",
        )


def expires_at(profile: Profile) -> datetime:
    """The end of the profile's time, in UTC."""
    return utc("expires", profile.expires)


def validate(profile: Profile, where: str = "the profile") -> None:
    """Check every name, number and array of a profile; `where` names it in errors.

    Raises
    ------
    SteadyhandError
        Naming the first field that is not as it must be.
    """
    try:
        _check_labels(profile)
        _check_limits(profile.limits)
        if utc("created", profile.created) > utc("expires", profile.expires):
            raise ValueError("it expires before it was created")
        if type(profile.sequence) is not int or not 1 <= profile.sequence <= _MOST_SEQUENCE:
            raise ValueError(f"sequence {profile.sequence!r} is not a number from 1 on")
        for name, array in profile.arrays.items():
            check_array(name, array)
    except ValueError as error:
        raise SteadyhandError(f"{where} is not valid ({error})", _REMAKE) from error


def _packed(profile: Profile, key: SigningKey | None, origin: str) -> bytes:
    validate(profile)
    try:
        return pack(
            PROFILE,
            _content(profile),
            profile.arrays,
            key,
            origin,
            uses=(*profile.features, *profile.detectors),
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise SteadyhandError(
            f"the profile cannot be written ({error})", "mend its summary or arrays"
        ) from error


def _content(profile: Profile) -> dict[str, Any]:
    return {
        "profile_id": profile.profile_id,
        "user": profile.user,
        "mouse": profile.mouse.to_json(),
        "features": list(profile.features),
        "kinds": list(profile.kinds),
        "detectors": list(profile.detectors),
        "limits": asdict(profile.limits),
        "sequence": profile.sequence,
        "created": profile.created,
        "expires": profile.expires,
        "summary": dict(profile.summary),
    }


def _profile(archive: Archive, where: str) -> Profile:
    """The profile in an archive, valid."""
    content = archive.content
    try:
        check_keys(content, _KEYS)
        check_keys(content["limits"], frozenset(_LIMIT_TYPES))
        if not isinstance(content["mouse"], dict) or not isinstance(content["summary"], dict):
            raise ValueError("mouse or summary is not an object")
        if not all(isinstance(content[name], list) for name in ("features", "kinds", "detectors")):
            raise ValueError("features, kinds or detectors is not a list")
        profile = Profile(
            profile_id=content["profile_id"],
            user=content["user"],
            mouse=MouseConfiguration.from_json(content["mouse"]),
            features=tuple(content["features"]),
            kinds=tuple(content["kinds"]),
            detectors=tuple(content["detectors"]),
            arrays=archive.arrays,
            limits=Limits(**content["limits"]),
            sequence=content["sequence"],
            created=content["created"],
            expires=content["expires"],
            summary=content["summary"],
        )
    except ValueError as error:
        raise SteadyhandError(f"{where} is not valid ({error})", _REMAKE) from error
    validate(profile, where)
    return profile


def _check_limits(limits: Limits) -> None:
    for name, kind in _LIMIT_TYPES.items():
        limit = getattr(limits, name)
        if type(limit) is not kind and not (kind is float and type(limit) is int):
            raise ValueError(f"limits: {name} is {limit!r:.100}, not of type {kind.__name__}")
        if not -_MOST_LIMIT <= limit <= _MOST_LIMIT:
            raise ValueError(f"limits: {name} is not finite")
    if not 0 < limits.alert <= limits.lock or limits.asked_per_40h <= 0:
        raise ValueError("limits: not 0 < alert <= lock, with asked_per_40h above 0")


def _check_labels(profile: Profile) -> None:
    check_text("profile_id", profile.profile_id)
    if str(uuid.UUID(profile.profile_id)) != profile.profile_id:
        raise ValueError(f"profile_id {profile.profile_id!r} is not a UUID in its usual form")
    check_text("user", profile.user)
    check_names("features", profile.features)
    check_names("detectors", profile.detectors)
    if not profile.kinds or any(type(kind) is not int or not 0 <= kind < 256 for kind in profile.kinds):
        raise ValueError("kinds: none, or one that is not a number below 256")
