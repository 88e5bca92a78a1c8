"""Policies of the administrator: JSON files on Linux, on Windows and macOS what the system hands out; and a signed one.

One file or key that is bad, or that somebody else could have written, and its whole level is not used.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from agent.config.policy_native import preferences_values, registry_values
from agent.config.sections import parse_sections
from agent.config.signed_policy import installed_policy
from agent.engine.errors import SteadyhandError
from agent.files.administrators import list_administrators, read_administrators
from agent.files.canonical import canonical
from agent.files.decode import decode_json
from agent.files.keys import load_trust
from agent.files.paths import Paths
from agent.files.sequence_numbers import read_marks

_MOST_BYTES: Final = 1 << 20
_BUILT_IN: Final = "the built-in defaults are used in its place"

Part = tuple[str, Mapping[str, Any]]
"""Where it was read, and its values by key."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One level of policy.

    Attributes
    ----------
    settings : mapping
        By ``section.key``.
    where_of : mapping
        The file or registry key that each of them comes from.
    present : bool
        Whether an administrator meant there to be any.
    problem : str
        Why it is not used, or what else is wrong with it; empty where all is well.
    sequence : int
        Of a signed policy that is used; -1 without.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    where_of: Mapping[str, str] = field(default_factory=dict)
    present: bool = False
    problem: str = ""
    sequence: int = -1


@dataclass(frozen=True, slots=True)
class Policies:
    """All levels of policy, from strongest to weakest.

    Attributes
    ----------
    managed : Policy
        Root's files, or what the system hands out.
    fetched : Policy
        The signed one from the administrator's folder.
    recommended : Policy
        Defaults, below the user's settings.
    """

    managed: Policy
    fetched: Policy
    recommended: Policy

    @property
    def levels(self) -> Mapping[str, Policy]:
        """By name."""
        return {"managed": self.managed, "fetched": self.fetched, "recommended": self.recommended}

    @property
    def problems(self) -> tuple[str, ...]:
        """What is not used, a line each."""
        return tuple(policy.problem for policy in self.levels.values() if policy.problem)

    @property
    def sha256(self) -> str:
        """The same policies give the same hash on every computer; empty without any."""
        in_use = {name: dict(policy.settings) for name, policy in self.levels.items() if policy.settings}
        return hashlib.sha256(canonical(in_use)).hexdigest() if in_use else ""


def read_policies(paths: Paths, required_uid: int, platform: str = sys.platform) -> Policies:
    """Every policy that there is. Never raises: what is bad is told as a problem.

    Parameters
    ----------
    paths : Paths
    required_uid : int
        Who must own policy files.
    platform : str
        As `sys.platform` names it.
    """
    fetched = _fetched(paths, required_uid)
    if platform == "win32":
        return Policies(
            _level("managed", lambda: _from_registry("")),
            fetched,
            _level("recommended", lambda: _from_registry("Recommended")),
        )
    top = paths.administrators_dir

    def managed() -> list[Part]:
        parts = _from_folder(paths.managed_dir, top, required_uid)
        return parts + (
            _from_preferences(paths.managed_preferences, required_uid) if platform == "darwin" else []
        )

    return Policies(
        _level("managed", managed),
        fetched,
        _level("recommended", lambda: _from_folder(paths.recommended_dir, top, required_uid)),
    )


def parse_policy(text: bytes, where: str) -> dict[str, Any]:
    """The values of one policy file by ``section.key``.

    Raises
    ------
    SteadyhandError
        If it is not JSON, has a key twice, an unknown key, or a bad value.
    """
    try:
        sections = decode_json(text, _MOST_BYTES)
    except ValueError as error:
        raise SteadyhandError(f"{where} is not a policy in JSON ({error})", "mend the file") from error
    return parse_sections(sections, where)


def _level(name: str, read: Callable[[], Iterable[Part]]) -> Policy:
    """What `read` gives, later parts over earlier ones."""
    by_key: dict[str, Any] = {}
    where_of: dict[str, str] = {}
    try:
        parts = list(read())
    except SteadyhandError as error:
        return Policy(present=True, problem=f"{name} policy not used: {error}; {_BUILT_IN}")
    for where, part_values in parts:
        by_key |= part_values
        where_of |= dict.fromkeys(part_values, where)
    return Policy(by_key, where_of, bool(parts))


def _from_folder(folder: Path, top: Path, required_uid: int) -> list[Part]:
    files = list_administrators(folder, top, required_uid, ".json")
    return [
        (str(path), parse_policy(read_administrators(path, top, required_uid, _MOST_BYTES), str(path)))
        for path in files
    ]


def _fetched(paths: Paths, required_uid: int) -> Policy:
    """The signed policy; marks that were deleted or put back are a problem of it, even where it may be used."""
    problems: list[str] = []
    try:
        marks, problems = read_marks(paths)
        trust = load_trust(paths, local=False, required_uid=required_uid)
        signed = installed_policy(paths, trust, marks)
    except SteadyhandError as error:
        unused = f"fetched policy not used: {error}; {_BUILT_IN}"
        return Policy(present=True, problem="; ".join((unused, *problems)))
    problem = "; ".join(problems)
    if signed is None:
        return Policy(problem=problem)
    where = f"{paths.fetched_policy_file} version {signed.sequence}"
    where_of = dict.fromkeys(signed.settings, where)
    return Policy(signed.settings, where_of, present=True, problem=problem, sequence=signed.sequence)


def _from_registry(branch: str) -> list[Part]:
    where, sections = registry_values(branch)
    return [(where, parse_sections(sections, where))] if sections else []


def _from_preferences(path: Path, required_uid: int) -> list[Part]:
    sections = preferences_values(path, required_uid, _MOST_BYTES)
    return [(str(path), parse_sections(sections, str(path)))] if sections is not None else []
