"""Which profile judges under which mouse: enrolled, transferred, another mouse's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import TRANSFERRED, Profile
from agent.files.enrolled_anew import enrol_anew, enrolled_anew_file
from agent.files.keys import Role, SigningKey, Trust
from agent.files.paths import Paths
from agent.files.private import private_dir, write_private
from agent.files.profile import write_profile
from agent.runtime.pipeline.profile_selection import ProfileSelector
from agent.runtime.pipeline.session_cache import MouseSession
from tests.agent.runtime.fakes import MOUSE, OTHER_MOUSE, a_profile

NOW = datetime(2026, 5, 1, tzinfo=UTC)
KEY = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32))
IDS = {name: f"00000000-0000-4000-8000-00000000000{n}" for n, name in enumerate("abcd")}

Put = Callable[..., Profile]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths.under(tmp_path)
    private_dir(paths.state_dir)
    private_dir(paths.profiles_dir)
    return paths


@pytest.fixture
def put(paths: Paths) -> Put:
    """Install a profile under a letter."""

    def put(
        name: str, mouse: MouseConfiguration, *, moved: Any = None, created: str = "2026-01-01"
    ) -> Profile:
        summary = {} if moved is None else {TRANSFERRED: moved}
        created = f"{created}T00:00:00+00:00"
        told = replace(a_profile(mouse), profile_id=IDS[name], summary=summary, created=created)
        write_profile(paths.profiles_dir / f"{name}.profile", told, KEY, Role.ADMINISTRATOR)
        return told

    return put


@pytest.fixture
def shelf(paths: Paths) -> ProfileSelector:
    return ProfileSelector(paths, "ada", lambda: Trust.of(administrator=KEY.public), lambda: NOW)


def chosen(shelf: ProfileSelector, mouse: MouseConfiguration) -> tuple[str, bool]:
    told = shelf.choose(mouse)
    assert told.profile is not None
    return told.profile.profile_id, told.exact


def test_a_transferred_profile_watches_before_the_other_mouses_and_gives_way_to_an_enrolled_one(
    shelf: ProfileSelector, put: Put
) -> None:
    put("a", OTHER_MOUSE, created="2026-03-01")
    assert chosen(shelf, MOUSE) == (IDS["a"], False)
    put("b", MOUSE, moved="Borrowed Mouse")
    assert chosen(shelf, MOUSE) == (IDS["b"], False)
    assert chosen(shelf, OTHER_MOUSE) == (IDS["a"], True)
    put("c", MOUSE)
    assert chosen(shelf, MOUSE) == (IDS["c"], True)


def test_what_was_transferred_elsewhere_comes_last(shelf: ProfileSelector, put: Put) -> None:
    third = replace(MOUSE, product="ffff")
    put("b", MOUSE, moved="Borrowed Mouse", created="2026-03-01")
    assert chosen(shelf, third) == (IDS["b"], False)
    put("a", OTHER_MOUSE)
    assert chosen(shelf, third) == (IDS["a"], False)


def test_a_model_is_transferred_to_whatever_its_serial_number(shelf: ProfileSelector, put: Put) -> None:
    put("a", OTHER_MOUSE, created="2026-03-01")
    put("b", MOUSE, moved="Borrowed Mouse")
    assert chosen(shelf, replace(MOUSE, serial="1234")) == (IDS["b"], False)


def test_a_profile_of_windows_from_before_names_and_serial_numbers_is_still_its_mouses(
    shelf: ProfileSelector, put: Put
) -> None:
    before = MouseConfiguration("windows-hook", bus="usb", vendor="046d", product="c08b")
    now = replace(before, name="G305", serial="A1")
    put("a", before)
    assert chosen(shelf, now) == (IDS["a"], True)
    assert chosen(shelf, replace(now, product="c08c")) == (IDS["a"], False)
    assert chosen(shelf, replace(now, capture="evdev")) == (IDS["a"], False)
    put("b", now, created="2026-02-01")
    assert chosen(shelf, now) == (IDS["b"], True)
    assert chosen(shelf, replace(now, serial="B2")) == (IDS["a"], True)


@pytest.mark.parametrize("moved", ["", 0, False, [], {"deep": [1]}, "x" * 5_000])
def test_whatever_a_profile_says_of_its_origin_it_is_no_enrolled_one(
    shelf: ProfileSelector, put: Put, moved: Any
) -> None:
    put("b", MOUSE, moved=moved)
    told = shelf.choose(MOUSE)
    assert not told.exact
    session = MouseSession(MOUSE, told, None, None, (), "")
    assert session.transfer_origin is None
    assert session.unknown_reason().startswith("its profile was transferred from ")


def test_enrolled_anew_no_profile_from_before_judges_whoever_signed_it(
    shelf: ProfileSelector, put: Put, paths: Paths
) -> None:
    put("a", MOUSE, created="2026-01-10")
    put("b", OTHER_MOUSE, created="2026-02-10")
    enrol_anew(paths, datetime(2026, 2, 1, tzinfo=UTC))
    assert chosen(shelf, MOUSE) == (IDS["b"], False)
    enrol_anew(paths, datetime(2026, 2, 20, tzinfo=UTC))
    assert shelf.choose(MOUSE).profile is None
    problems = shelf.choose(MOUSE).problems
    assert len(problems) == 2
    assert all("does not judge: enrolled anew on 2026-02-20" in line for line in problems)
    put("c", MOUSE, created="2026-02-21")
    assert chosen(shelf, MOUSE) == (IDS["c"], True)


def test_a_moment_that_cannot_be_read_is_named_and_lets_nothing_judge_unseen(
    shelf: ProfileSelector, put: Put, paths: Paths
) -> None:
    put("a", MOUSE)
    write_private(enrolled_anew_file(paths), b"yesterday")
    told = shelf.choose(MOUSE)
    assert told.profile is None
    assert "enrolled-anew holds no moment" in told.problems[0]
