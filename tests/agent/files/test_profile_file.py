"""Profile files: back as they were made, or refused with a line that says what to do."""

from __future__ import annotations

import hashlib
import io
import json
import random
import tomllib
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from agent.engine.errors import SteadyhandError
from agent.engine.mouse import MouseConfiguration
from agent.engine.profile import Limits, Profile
from agent.files.archive import canonical
from agent.files.keys import Role, SigningKey, Trust
from agent.files.npz import put
from agent.files.profile import (
    open_profile,
    pack_unsigned,
    read_profile,
    unpack_unsigned,
    validate,
    write_profile,
)

Make: TypeAlias = Callable[..., Profile]
Change: TypeAlias = Callable[[dict[str, Any]], None]


def same(a: Profile, b: Profile) -> bool:
    plain = replace(a, arrays={}, summary={}) == replace(b, arrays={}, summary={})
    fields = [name for name in Profile.__slots__ if name != "arrays"]
    plain = all(getattr(a, name) == getattr(b, name) for name in fields)
    arrays = set(a.arrays) == set(b.arrays) and all(
        np.array_equal(a.arrays[n], b.arrays[n]) for n in a.arrays
    )
    return plain and arrays


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zip_of(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            put(archive, name, data, zipfile.ZIP_STORED)
    return out.getvalue()


@pytest.fixture
def signed(tmp_path: Path, keys: Any, make_profile: Make) -> bytes:
    """A profile that the administrator signed."""
    write_profile(tmp_path / "p.profile", make_profile(), keys.administrator, Role.ADMINISTRATOR)
    return (tmp_path / "p.profile").read_bytes()


def forged(data: bytes, key: SigningKey | None, change: Change) -> bytes:
    """The archive with its manifest changed, and signed again where there is a key."""
    parts = parts_of(data)
    manifest = json.loads(parts["manifest.json"])
    change(manifest)
    parts["manifest.json"] = canonical(manifest)
    if key:
        parts["manifest.sig"] = key.sign(parts["manifest.json"])
    return zip_of(parts)


def test_a_profile_comes_back_as_it_was(tmp_path: Path, keys: Any, make_profile: Make, now: datetime) -> None:
    path = tmp_path / "p.profile"
    write_profile(path, make_profile(), keys.administrator, "administrator")
    told = read_profile(path, keys.trust, now=now, known_sequence=4)
    assert told.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert same(told.profile, make_profile())
    assert (told.origin, told.key_id, told.expired) == ("administrator", keys.administrator.key_id, False)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_profile_asks_for_the_version_that_made_it(signed: bytes) -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))
    assert json.loads(parts_of(signed)["manifest.json"])["min_agent"] == project["project"]["version"]


def test_the_same_profile_makes_the_same_file(tmp_path: Path, keys: Any, make_profile: Make) -> None:
    for name in ("a", "b"):
        write_profile(tmp_path / name, make_profile(), keys.local, Role.LOCAL)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_file_is_a_zip_of_canonical_json_and_a_plain_npz(signed: bytes, keys: Any) -> None:
    parts = parts_of(signed)
    assert sorted(parts) == ["arrays.npz", "manifest.json", "manifest.sig"]
    manifest = json.loads(parts["manifest.json"])
    assert (
        json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        == (parts["manifest.json"])
    )
    assert keys.administrator.public.verifies(parts["manifest.sig"], parts["manifest.json"])
    assert manifest["content"]["user"] == "mira"


def test_after_its_time_it_is_expired_and_still_read(tmp_path: Path, keys: Any, make_profile: Make) -> None:
    write_profile(tmp_path / "p", make_profile(), keys.local, Role.LOCAL)
    end = datetime(2027, 1, 1, tzinfo=UTC)
    before = read_profile(tmp_path / "p", keys.trust, now=end - timedelta(seconds=1))
    after = read_profile(tmp_path / "p", keys.trust, now=end)
    assert (before.expired, after.expired) == (False, True)


def test_a_lower_sequence_is_a_rollback(signed: bytes, keys: Any, now: datetime) -> None:
    assert open_profile(signed, "p", keys.trust, now=now, known_sequence=4).profile.sequence == 4
    with pytest.raises(
        SteadyhandError, match="p is version 4, but version 5 was here before: install the newest"
    ):
        open_profile(signed, "p", keys.trust, now=now, known_sequence=5)


def test_a_strangers_signature_is_refused(
    tmp_path: Path, keys: Any, make_profile: Make, now: datetime
) -> None:
    write_profile(tmp_path / "p", make_profile(), keys.stranger, Role.ADMINISTRATOR)
    with pytest.raises(
        SteadyhandError, match=r"[/\\]p is signed by key '[0-9a-f]{16}', which this computer does not know"
    ):
        read_profile(tmp_path / "p", keys.trust, now=now)
    with pytest.raises(SteadyhandError, match="does not know"):
        read_profile(tmp_path / "p", Trust(), now=now)


def test_a_strangers_signature_under_a_known_name_is_refused(signed: bytes, keys: Any, now: datetime) -> None:
    bad = forged(signed, keys.stranger, lambda manifest: None)
    with pytest.raises(SteadyhandError, match="its signature does not fit"):
        open_profile(bad, "p", keys.trust, now=now)


def test_the_local_key_cannot_speak_for_the_administrator(
    tmp_path: Path, keys: Any, make_profile: Make, now: datetime
) -> None:
    write_profile(tmp_path / "p", make_profile(), keys.local, Role.ADMINISTRATOR)
    with pytest.raises(
        SteadyhandError, match="signed by this computer but says that it comes from the administrator"
    ):
        read_profile(tmp_path / "p", keys.trust, now=now)
    write_profile(tmp_path / "p", make_profile(), keys.local, Role.LOCAL)
    assert read_profile(tmp_path / "p", keys.trust, now=now).origin == "local"
    write_profile(tmp_path / "p", make_profile(), keys.administrator, Role.LOCAL)
    assert read_profile(tmp_path / "p", keys.trust, now=now).origin == "local"


def test_a_changed_manifest_or_array_is_refused(signed: bytes, keys: Any, now: datetime) -> None:
    def raise_limit(manifest: dict[str, Any]) -> None:
        manifest["content"]["limits"]["lock"] = 1e9

    with pytest.raises(SteadyhandError, match="its signature does not fit"):
        open_profile(forged(signed, None, raise_limit), "p", keys.trust, now=now)
    parts = parts_of(signed)
    other = parts_of(signed)["arrays.npz"].replace(b"calibration/bias", b"calibration/Bias")
    with pytest.raises(SteadyhandError, match="its arrays were changed"):
        open_profile(zip_of(parts | {"arrays.npz": other}), "p", keys.trust, now=now)


@pytest.mark.parametrize(
    "extra", ["evil.py", "../manifest.json", "/etc/passwd", "arrays.npz/x", "MANIFEST.JSON"]
)
def test_another_member_is_refused(signed: bytes, keys: Any, now: datetime, extra: str) -> None:
    with pytest.raises(SteadyhandError, match="parts missing or unknown"):
        open_profile(zip_of(parts_of(signed) | {extra: b"x"}), "p", keys.trust, now=now)


def test_a_member_that_is_there_twice_is_refused(signed: bytes, keys: Any, now: datetime) -> None:
    out = io.BytesIO(signed)
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        put(archive, "manifest.json", b"{}", zipfile.ZIP_STORED)
    with pytest.raises(SteadyhandError, match="twice"):
        open_profile(out.getvalue(), "p", keys.trust, now=now)


def test_no_signature_is_refused_and_an_unsigned_one_is_no_profile_file(
    signed: bytes, keys: Any, make_profile: Make, now: datetime
) -> None:
    with pytest.raises(SteadyhandError, match=r"missing or unknown: 'manifest\.sig'"):
        open_profile(pack_unsigned(make_profile()), "p", keys.trust, now=now)
    with pytest.raises(SteadyhandError, match=r"missing or unknown: 'manifest\.sig'"):
        unpack_unsigned(signed)


def test_an_unsigned_profile_comes_back_over_a_pipe(make_profile: Make) -> None:
    data = pack_unsigned(make_profile())
    assert same(unpack_unsigned(data), make_profile())
    with pytest.raises(SteadyhandError, match="the profile that the training returned"):
        unpack_unsigned(data[:-40])


def test_a_profile_of_a_newer_steadyhand_is_refused_with_a_clear_line(
    signed: bytes, keys: Any, now: datetime
) -> None:
    for change in (
        {"schema": 2},
        {"min_agent": "0.2.0"},
        {"min_agent": "next"},
        {"min_agent": "0.1.0.9"},
        {"min_agent": "0.0"},
        {"min_agent": "0.0.x"},
        {"min_agent": "0.0.123456"},
    ):
        bad = forged(signed, keys.administrator, lambda manifest, change=change: manifest.update(change))
        with pytest.raises(SteadyhandError, match=r"p was made by a newer Steadyhand .*: update Steadyhand"):
            open_profile(bad, "p", keys.trust, now=now)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": "cohort"}, "is a 'cohort', not a profile"),
        ({"schema": 0}, "never was"),
        ({"schema": True}, "another type"),
        ({"schema": 1.0}, "another type"),
        ({"origin": "nobody"}, "never was"),
        ({"origin": 3}, "another type"),
        ({"sha256": {}}, "its arrays were changed"),
        ({"arrays": {}}, "missing or unknown"),
        ({"content": []}, "another type"),
        ({"more": 1}, "other keys"),
    ],
)
def test_a_manifest_that_is_signed_but_wrong_is_refused(
    signed: bytes, keys: Any, now: datetime, change: dict[str, Any], reason: str
) -> None:
    bad = forged(signed, keys.administrator, lambda manifest: manifest.update(change))
    with pytest.raises(SteadyhandError, match=reason):
        open_profile(bad, "p", keys.trust, now=now)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("profile_id", "not-a-uuid"),
        ("profile_id", 5),
        ("profile_id", "{00000000-0000-4000-8000-000000000005}"),
        ("user", ""),
        ("user", "a\nb"),
        ("user", None),
        ("mouse", {"capture": "evdev"}),
        ("mouse", None),
        ("features", []),
        ("features", "duration_s"),
        ("features", ["a", "a"]),
        ("features", [{}]),
        ("features", ["../x"]),
        ("kinds", []),
        ("kinds", [True]),
        ("kinds", [256]),
        ("kinds", ["1"]),
        ("detectors", ["os; rm"]),
        ("detectors", ["forest"] * 300),
        ("limits", {"alert": 1.0}),
        ("limits", [1, 2]),
        ("limits", {"alert": 5.0, "lock": 4.0, "asked_per_40h": 1.0, "estimated": True}),
        ("limits", {"alert": 0, "lock": 4.0, "asked_per_40h": 1.0, "estimated": True}),
        ("limits", {"alert": 1, "lock": 4.0, "asked_per_40h": 0.0, "estimated": True}),
        ("limits", {"alert": 1, "lock": 4.0, "asked_per_40h": 1.0, "estimated": 1}),
        ("limits", {"alert": "1", "lock": 4.0, "asked_per_40h": 1.0, "estimated": False}),
        ("limits", {"alert": 1, "lock": 1e300, "asked_per_40h": 1.0, "estimated": False}),
        ("sequence", 0),
        ("sequence", 1.5),
        ("sequence", True),
        ("sequence", 1 << 60),
        ("created", "yesterday"),
        ("created", "2026-01-01T00:00:00"),
        ("created", "2028-01-01T00:00:00+00:00"),
        ("expires", None),
        ("summary", []),
    ],
)
def test_every_field_is_checked_even_when_signed(
    signed: bytes, keys: Any, now: datetime, field: str, value: Any
) -> None:
    bad = forged(signed, keys.administrator, lambda manifest: manifest["content"].update({field: value}))
    with pytest.raises(SteadyhandError, match=r"^p is not valid \(.+\): have it made again$"):
        open_profile(bad, "p", keys.trust, now=now)


def test_a_missing_or_unknown_field_is_refused(signed: bytes, keys: Any, now: datetime) -> None:
    for change in (lambda told: told.pop("user"), lambda told: told.update(arrays={})):
        bad = forged(signed, keys.administrator, lambda manifest, change=change: change(manifest["content"]))
        with pytest.raises(SteadyhandError, match="keys missing or unknown"):
            open_profile(bad, "p", keys.trust, now=now)


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"\xff",
        b"[]",
        b"{",
        b"[" * 100_000,
        b'{"a":NaN}',
        b'{"a":1e999}',
        b'{"a":1,"a":2}',
        b'{"a": 1}',
        b"1" * 9999,
    ],
)
def test_a_manifest_that_is_not_canonical_json_is_refused(
    signed: bytes, keys: Any, now: datetime, manifest: bytes
) -> None:
    bad = zip_of(
        parts_of(signed) | {"manifest.json": manifest, "manifest.sig": keys.administrator.sign(manifest)}
    )
    with pytest.raises(SteadyhandError, match="its manifest"):
        open_profile(bad, "p", keys.trust, now=now)


def test_no_prefix_of_a_profile_is_taken_for_one(signed: bytes, keys: Any, now: datetime) -> None:
    for cut in range(0, len(signed), 7):
        with pytest.raises(SteadyhandError, match=r"^p is not a whole profile"):
            open_profile(signed[:cut], "p", keys.trust, now=now)


def test_no_changed_byte_gives_another_profile(
    signed: bytes, keys: Any, make_profile: Make, now: datetime
) -> None:
    rng = random.Random(11)
    refused = 0
    for _ in range(1500):
        at = rng.randrange(len(signed))
        bad = bytearray(signed)
        bad[at] ^= 1 << rng.randrange(8)
        try:
            # A zip has bytes that mean nothing, such as times: changing them changes nothing.
            assert same(open_profile(bytes(bad), "p", keys.trust, now=now).profile, make_profile())
        except SteadyhandError:
            refused += 1
    assert refused > 1200


def test_what_is_not_valid_is_not_written(tmp_path: Path, keys: Any, make_profile: Make) -> None:
    wrong = make_profile(arrays={"forest/threshold": np.array([np.nan])})
    with pytest.raises(SteadyhandError, match="not finite"):
        write_profile(tmp_path / "p", wrong, keys.local, Role.LOCAL)
    with pytest.raises(SteadyhandError, match="0 < alert <= lock"):
        validate(make_profile(limits=Limits(8.0, 7.0, 1.0, True)))
    assert not any(tmp_path.iterdir())


def test_a_summary_that_is_not_json_is_told_as_such(tmp_path: Path, keys: Any, make_profile: Make) -> None:
    for summary in ({"eer": float("nan")}, {"eer": np.int64(1)}, {"eer": object()}, {"x": "y" * (2 << 20)}):
        with pytest.raises(SteadyhandError, match=r"the profile cannot be written \(.*summary"):
            write_profile(tmp_path / "p", make_profile(summary=summary), keys.local, Role.LOCAL)
        with pytest.raises(SteadyhandError, match=r"the profile cannot be written \(.*summary"):
            pack_unsigned(make_profile(summary=summary))


def test_a_file_that_is_missing_or_too_large_says_so(tmp_path: Path, keys: Any, now: datetime) -> None:
    with pytest.raises(SteadyhandError, match=r"cannot read the profile .*[/\\]none"):
        read_profile(tmp_path / "none", keys.trust, now=now)
    with (tmp_path / "large").open("wb") as file:
        file.truncate(100 << 20)
    with pytest.raises(SteadyhandError, match=r"large has more than \d+ bytes"):
        read_profile(tmp_path / "large", keys.trust, now=now)


def test_a_mouse_comes_back_with_whole_numbers_for_fractions(signed: bytes, keys: Any, now: datetime) -> None:
    profile = open_profile(signed, "p", keys.trust, now=now).profile
    assert isinstance(profile.mouse, MouseConfiguration)
    assert profile.mouse.key == open_profile(signed, "p", keys.trust, now=now).profile.mouse.key


@pytest.mark.parametrize("written", [{"indent": 1}, {"sort_keys": False}, {"separators": (", ", ":")}])
def test_a_manifest_with_the_right_keys_in_another_form_is_refused(
    signed: bytes, keys: Any, now: datetime, written: dict[str, Any]
) -> None:
    manifest = json.loads(parts_of(signed)["manifest.json"])
    form = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False} | written
    turned = dict(reversed(manifest.items()))
    other = json.dumps(turned, **form).encode()
    assert other != parts_of(signed)["manifest.json"]
    bad = zip_of(parts_of(signed) | {"manifest.json": other, "manifest.sig": keys.administrator.sign(other)})
    with pytest.raises(SteadyhandError, match="not in the canonical form"):
        open_profile(bad, "p", keys.trust, now=now)
