"""The readers of profiles, policies, recordings and cohorts against made-up files: refused in one line, or sound.

Three depths: bytes that were damaged anywhere; content that was changed and signed again with a trusted key, so that it
gets past the signature; the content of a recording as whoever has its key could have written it. Whatever comes, a
reader returns what it promises or raises its own error, and nothing else. The seeds are fixed; `make fuzz` takes more
examples (STEADYHAND_FUZZ).
"""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from agent.config.options import all_options
from agent.config.policy import parse_policy
from agent.config.schema import Settings
from agent.engine.errors import SteadyhandError
from agent.engine.events import Boundary, Cause, EventBatch
from agent.files.archive import canonical
from agent.files.cohort import Cohort, read_cohort, write_cohort
from agent.files.keys import Role, SigningKey, Trust
from agent.files.profile import open_profile, pack_signed, validate
from agent.files.recording import open_recording, read_recording
from agent.files.stream import Session, frames, read_stream
from agent.runtime.pipeline.decision import ReactionRules
from agent.runtime.pipeline.protection import Protection
from enroll.train import train
from tests.agent.files.test_cohort_file import MOUSE, group_of
from tests.agent.files.test_profile_file import parts_of, zip_of
from tests.agent.files.test_recording import KEY, events
from tests.enroll.people import rows_of

EXAMPLES = int(os.environ.get("STEADYHAND_FUZZ", "120"))
NOW = datetime(2026, 5, 1, tzinfo=UTC)
ADMINISTRATOR = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32))
TRUST = Trust.of(administrator=ADMINISTRATOR.public)
POLICY = json.dumps(
    {"judgement": {"mode": "enforce", "sensitivity": "strict"}, "response": {"countdown_s": 3}}
)

hard = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

Damage = Callable[[bytes], bytes]


@st.composite
def damages(draw: st.DrawFn) -> Damage:
    """Changes some bytes, takes some out, doubles some, puts some in, anywhere."""
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["change", "cut", "double", "insert", "end"]),
                st.floats(0, 1, exclude_max=True),
                st.integers(1, 64),
                st.binary(min_size=1, max_size=24),
            ),
            min_size=1,
            max_size=4,
        )
    )

    def damage(data: bytes) -> bytes:
        for how, where, length, new in steps:
            at = int(where * len(data))
            if how == "change":
                data = data[:at] + new + data[at + len(new) :]
            elif how == "cut":
                data = data[:at] + data[at + length :]
            elif how == "double":
                data = data[: at + length] + data[at:]
            elif how == "insert":
                data = data[:at] + new + data[at:]
            else:
                data = data[:at]
        return data

    return damage


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from(
        ["", "1" * 40, "../../etc/passwd", "2026-99-01T00:00:00Z", "\x00", "\ud800", "nan", 1e308, -1]
    )
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def changes(draw: st.DrawFn) -> Callable[[Any], None]:
    """Puts something else in some place of a nested value."""
    path = draw(st.lists(st.integers(0, 40), min_size=1, max_size=4))
    new, how = draw(JSON), draw(st.sampled_from(["set", "delete", "add"]))

    def change(told: Any) -> None:
        place = told
        for step in path[:-1]:
            inner = list(place.values() if isinstance(place, dict) else place)
            deeper = [one for one in inner if isinstance(one, (dict, list)) and one]
            if not deeper:
                break
            place = deeper[step % len(deeper)]
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if how == "add" and isinstance(place, dict):
            place[f"more{path[-1]}"] = new
        elif how == "delete":
            del place[keys[path[-1] % len(keys)]]
        else:
            place[keys[path[-1] % len(keys)]] = new

    return change


def one_line(error: SteadyhandError) -> None:
    """A refusal says what, and what to do, in a line."""
    assert error.what
    assert error.mend
    assert "\n" not in str(error)


def refused_or(work: Callable[[], None]) -> None:
    try:
        work()
    except SteadyhandError as error:
        one_line(error)


def resigned(data: bytes, change: Callable[[Any], None]) -> bytes:
    """The archive with its manifest changed, and signed again by the administrator."""
    parts = parts_of(data)
    manifest = json.loads(parts["manifest.json"])
    change(manifest)
    try:
        parts["manifest.json"] = canonical(manifest)
    except (ValueError, TypeError, UnicodeEncodeError):
        parts["manifest.json"] = json.dumps(manifest).encode()
    parts["manifest.sig"] = ADMINISTRATOR.sign(parts["manifest.json"])
    return zip_of(parts)


@pytest.fixture(scope="module")
def profile() -> bytes:
    """A real one: its parts fit together, so that what follows the checks is reached as well."""
    made = train([rows_of(1, n, 120) for n in range(3)], "mira", replace(MOUSE, serial=""))
    return pack_signed(made, ADMINISTRATOR, Role.ADMINISTRATOR)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("cohort") / "c"
    groups = (group_of(MOUSE), group_of(replace(MOUSE, cpi=1600), n=7))
    told = Cohort(
        "00000000-0000-4000-8000-000000000001", "2026-01-01T00:00:00+00:00", ("a_s", "b_px", "c"), groups
    )
    write_cohort(path, told, ADMINISTRATOR)
    return path.read_bytes()


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("recording") / "recordings" / "a.recording"
    with open_recording(path, KEY) as writer:
        for items in ([Session(MOUSE, 0, 1)], [events(1), Boundary(5, Cause.SLEEP, "lid")], [events(3)]):
            writer.append(items)
    return path.read_bytes()


def judged(data: bytes) -> None:
    """Read a profile and put it to work."""
    told = open_profile(data, "p.profile", TRUST, now=NOW)
    validate(told.profile)
    Protection(told.profile, ReactionRules(may_lock=True))


def grouped(path: Path) -> None:
    """Read a cohort and look a group up."""
    told = read_cohort(path, TRUST)
    assert all(len(group.features) == len(group.kind) for group in told.groups)
    told.group_of(MOUSE)


@seed(1)
@hard
@given(damage=damages())
def test_a_damaged_profile(profile: bytes, damage: Damage) -> None:
    refused_or(lambda: judged(damage(profile)))


@seed(2)
@hard
@given(change=changes())
def test_a_profile_that_is_signed_and_wrong(profile: bytes, change: Callable[[Any], None]) -> None:
    refused_or(lambda: judged(resigned(profile, change)))


@seed(3)
@hard
@given(damage=damages())
def test_a_damaged_cohort(cohort: bytes, tmp_path: Path, damage: Damage) -> None:
    (tmp_path / "c").write_bytes(damage(cohort))
    refused_or(lambda: grouped(tmp_path / "c"))


@seed(4)
@hard
@given(change=changes())
def test_a_cohort_that_is_signed_and_wrong(
    cohort: bytes, tmp_path: Path, change: Callable[[Any], None]
) -> None:
    (tmp_path / "c").write_bytes(resigned(cohort, change))
    refused_or(lambda: grouped(tmp_path / "c"))


@seed(5)
@hard
@given(damage=damages())
def test_a_damaged_policy(damage: Damage) -> None:
    def read() -> None:
        told = parse_policy(damage(POLICY.encode()), "p.json")
        assert told.keys() <= all_options().keys()

    refused_or(read)


@seed(6)
@hard
@given(told=st.dictionaries(st.sampled_from([*Settings.__slots__, "x"]), JSON) | JSON, change=changes())
def test_a_policy_of_anything(told: Any, change: Callable[[Any], None]) -> None:
    def read(text: str) -> None:
        values = parse_policy(text.encode("utf-8", "surrogatepass"), "p.json")
        for key, value in values.items():
            option = all_options()[key]
            assert option.parse(list(value) if option.kind is tuple else value) == value

    refused_or(lambda: read(json.dumps(told)))
    policy = json.loads(POLICY)
    change(policy)
    refused_or(lambda: read(json.dumps(policy)))


@seed(7)
@hard
@given(damage=damages())
def test_a_damaged_recording(recording: bytes, tmp_path: Path, damage: Damage) -> None:
    path = tmp_path / "a.recording"
    path.write_bytes(damage(recording))
    path.chmod(0o600)
    seen: list[Any] = []
    refused_or(lambda: seen.extend(read_recording(path, KEY)))
    assert all(isinstance(item, EventBatch | Boundary) for item in seen)


@seed(8)
@hard
@given(damage=damages())
def test_a_stream_that_somebody_with_the_key_could_have_written(damage: Damage) -> None:
    content = b"".join(frames([Session(MOUSE, 0, 1), events(1), Boundary(5, Cause.SLEEP, "lid"), events(2)]))
    seen: list[Any] = []
    with contextlib.suppress(ValueError):  # its own error, which the training child turns into a line
        seen.extend(read_stream(io.BytesIO(damage(content))))
    for item in seen:
        if isinstance(item, EventBatch):
            assert item.x.shape == item.t_ns.shape
