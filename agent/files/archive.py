"""The form that profiles and cohorts share: a zip of a manifest, arrays, and a signature over the manifest.

==================  ==========================================================================
``manifest.json``   canonical JSON: what it is, who signed it, the hash of the arrays, the content
``arrays.npz``      plain numbers, read without pickle
``manifest.sig``    Ed25519 over the bytes of ``manifest.json``, 64 bytes; absent in unsigned ones
==================  ==========================================================================

The signature covers the manifest, the manifest's hash covers the arrays: everything is signed.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agent.engine.errors import SteadyhandError
from agent.files.canonical import canonical as canonical
from agent.files.decode import decode_json
from agent.files.keys import Role, SigningKey, Trust
from agent.files.npz import Arrays, describe, pack_arrays, put, take, unpack_arrays
from agent.files.opening import NAMED_FILE, FileRule, read_checked
from agent.files.private import mendable
from agent.files.version import agent_version, oldest_reader, version_numbers

_MANIFEST: Final = "manifest.json"
_ARRAYS: Final = "arrays.npz"
_SIGNATURE: Final = "manifest.sig"
_KEYS: Final = frozenset(
    ("kind", "schema", "min_agent", "origin", "signed_by", "sha256", "arrays", "content")
)
_MOST_MANIFEST: Final = 1 << 20
_REFETCH: Final = "get it again from whoever made it; do not use this copy"


@dataclass(frozen=True, slots=True)
class ArchiveForm:
    """What is fixed for one kind of archive.

    Attributes
    ----------
    kind : str
        ``profile`` or ``cohort``.
    schema : int
        The newest version of its content that is understood here.
    most_bytes : int
        Limit of the file, and of its arrays in memory.
    undefined : bool
        Whether its arrays may hold NaN.
    """

    kind: str
    schema: int
    most_bytes: int
    undefined: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Archive:
    """An archive that passed every check which does not depend on its content.

    Attributes
    ----------
    content : mapping
        Plain JSON values.
    arrays : mapping of str to ndarray
        Read-only.
    origin : str
        ``administrator`` or ``local``, or empty where unsigned.
    key_id : str
        Who signed it; empty where unsigned.
    """

    content: Mapping[str, Any]
    arrays: Arrays
    origin: str
    key_id: str


def pack(
    form: ArchiveForm,
    content: Mapping[str, Any],
    arrays: Arrays,
    key: SigningKey | None,
    origin: str,
    *,
    uses: Iterable[str],
) -> bytes:
    """An archive as bytes, signed where there is a key.

    Parameters
    ----------
    form : ArchiveForm
    content : mapping
        Plain JSON values.
    arrays : Arrays
    key : SigningKey or None
    origin : str
    uses : iterable of str
        Features and detectors that whoever reads it must know.

    Raises
    ------
    ValueError, TypeError
        If the content is not JSON or an array is not allowed.
    """
    packed = pack_arrays(arrays, undefined=form.undefined)
    manifest = canonical(
        {
            "kind": form.kind,
            "schema": form.schema,
            "min_agent": oldest_reader(uses),
            "origin": origin,
            "signed_by": key.key_id if key else "",
            "sha256": {_ARRAYS: hashlib.sha256(packed).hexdigest()},
            "arrays": describe(arrays),
            "content": dict(content),
        }
    )
    if len(manifest) > _MOST_MANIFEST or len(packed) > form.most_bytes:
        raise ValueError(f"a {form.kind} of {len(manifest) + len(packed)} bytes is too large")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        put(archive, _MANIFEST, manifest, zipfile.ZIP_STORED)
        put(archive, _ARRAYS, packed, zipfile.ZIP_STORED)
        if key:
            put(archive, _SIGNATURE, key.sign(manifest), zipfile.ZIP_STORED)
    return out.getvalue()


def unpack(form: ArchiveForm, packed: bytes, where: str, trust: Trust | None) -> Archive:
    """Check an archive and read it.

    Parameters
    ----------
    form : ArchiveForm
    packed : bytes
    where : str
        Its name in errors.
    trust : Trust or None
        The keys that are believed; None for an unsigned archive, which must then bear no signature.

    Raises
    ------
    SteadyhandError
        If any check fails. The signature is checked before anything that the manifest says is believed.
    """
    limits = {_MANIFEST: _MOST_MANIFEST, _ARRAYS: form.most_bytes}
    if trust is not None:
        limits[_SIGNATURE] = 64
    try:
        parts = take(packed, limits)
        manifest = _parse_manifest(parts[_MANIFEST])
    except ValueError as error:
        raise SteadyhandError(f"{where} is not a whole {form.kind} ({error})", _REFETCH) from error
    if trust is not None:
        _check_signature(manifest, parts, where, trust)
    _check_kind(form, manifest, where)
    if hashlib.sha256(parts[_ARRAYS]).hexdigest() != manifest["sha256"].get(_ARRAYS):
        raise SteadyhandError(f"{where}: its arrays were changed after it was made", _REFETCH)
    try:
        arrays = unpack_arrays(parts[_ARRAYS], manifest["arrays"], form.most_bytes, undefined=form.undefined)
    except ValueError as error:
        raise SteadyhandError(f"{where} holds arrays that are not allowed ({error})", _REFETCH) from error
    return Archive(manifest["content"], arrays, manifest["origin"], manifest["signed_by"])


def read_bounded(path: Path, form: ArchiveForm, rule: FileRule = NAMED_FILE) -> bytes:
    """The bytes of an archive file that fits the rule, never more than its form allows.

    Raises
    ------
    SteadyhandError
        If it cannot be read or is too large.
    """
    most = form.most_bytes + 2 * _MOST_MANIFEST
    with mendable(path, f"read the {form.kind}"):
        return read_checked(path, rule, most)


def _parse_manifest(raw: bytes) -> dict[str, Any]:
    """The manifest with its outermost keys checked; only the canonical form is accepted.

    That also refuses double keys, NaN and whatever else two parsers could read in two ways.
    """
    try:
        manifest = decode_json(raw, _MOST_MANIFEST)
        same = canonical(manifest) == raw
    except ValueError as error:
        raise ValueError("its manifest is not JSON") from error
    if not same or not isinstance(manifest, dict) or set(manifest) != _KEYS:
        raise ValueError("its manifest is not in the canonical form, or has other keys")
    types = {"schema": int, "sha256": dict, "arrays": dict, "content": dict}
    if any(type(manifest[name]) is not types.get(name, str) for name in _KEYS):
        raise ValueError("its manifest has a value of another type")
    return manifest


def _check_signature(
    manifest: Mapping[str, Any], parts: Mapping[str, bytes], where: str, trust: Trust
) -> None:
    known = trust.keys.get(manifest["signed_by"])
    if known is None:
        raise SteadyhandError(
            f"{where} is signed by key {manifest['signed_by']!r}, which this computer does not know",
            "put that public key into the administrator's folder of keys, if it is the administrator's",
        )
    key, role = known
    if not key.verifies(parts[_SIGNATURE], parts[_MANIFEST]):
        raise SteadyhandError(
            f"{where}: its signature does not fit, it was changed after it was signed", _REFETCH
        )
    if role is Role.LOCAL and manifest["origin"] != Role.LOCAL.value:
        raise SteadyhandError(
            f"{where} is signed by this computer but says that it comes from the administrator",
            "have the administrator sign it",
        )


def _check_kind(form: ArchiveForm, manifest: Mapping[str, Any], where: str) -> None:
    if manifest["kind"] != form.kind:
        raise SteadyhandError(
            f"{where} is a {manifest['kind'][:20]!r}, not a {form.kind}", "give the right file"
        )
    if manifest["schema"] > form.schema or version_numbers(manifest["min_agent"]) > version_numbers(
        agent_version()
    ):
        raise SteadyhandError(
            f"{where} was made by a newer Steadyhand (schema {manifest['schema']}, for"
            f" {manifest['min_agent'][:20]} and later; this is {agent_version()})",
            "update Steadyhand on this computer",
        )
    if manifest["schema"] < 1 or manifest["origin"] not in ("", *(role.value for role in Role)):
        raise SteadyhandError(f"{where} has a schema or an origin that never was", _REFETCH)
