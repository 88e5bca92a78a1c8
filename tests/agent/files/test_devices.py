"""What the administrator declares of mice."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from agent.engine.errors import SteadyhandError
from agent.files.devices import Declared, DeclaredDevice, declared_devices, parse_devices
from agent.files.paths import Paths

ANY = {"vendor": "046d", "product": "c077", "cpi": 1000}


def write(paths: Paths, name: str, told: Any, mode: int = 0o644) -> None:
    paths.devices_dir.mkdir(parents=True, exist_ok=True)
    file = paths.devices_dir / name
    file.write_text(told if isinstance(told, str) else json.dumps(told))
    file.chmod(mode)


def read(paths: Paths) -> Declared:
    return declared_devices(paths, required_uid=os.getuid())


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.under(tmp_path)


def test_without_a_folder_nothing_is_declared(paths: Paths) -> None:
    assert read(paths) == Declared()


def test_the_narrower_entry_holds_then_the_later(paths: Paths) -> None:
    narrow = {**ANY, "serial": "S1", "cpi": 3200, "report_rate_hz": 500}
    write(paths, "10-office.json", {"devices": [narrow, ANY]})
    write(paths, "20-late.json", {"devices": [{**ANY, "cpi": 1200}]})
    told = read(paths)
    assert told.of("046d", "c077", "S1") == DeclaredDevice("046d", "c077", 3200, "S1", 500)
    assert told.of("046d", "c077", "S2") == DeclaredDevice("046d", "c077", 1200)
    assert told.of("046d", "c078", "") is None
    assert told.of("", "", "") is None


def test_a_file_that_others_can_write_is_not_believed(paths: Paths) -> None:
    write(paths, "a.json", {"devices": [ANY]}, mode=0o666)
    told = read(paths)
    assert told.devices == ()
    assert "chmod go-w" in told.problems[0]


def test_one_bad_file_leaves_the_others(paths: Paths) -> None:
    write(paths, "a.json", "{")
    write(paths, "b.json", {"devices": [ANY]})
    told = read(paths)
    assert told.devices == (DeclaredDevice("046d", "c077", 1000),)
    assert "a.json is not JSON" in told.problems[0]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("[]", "list of devices"),
        ('{"devices": 1}', "list of devices"),
        ('{"devices": [], "more": 1}', "list of devices"),
        ('{"devices": [{"vendor": "046d"}]}', "device 1: not an object with cpi, product, vendor"),
        ('{"devices": [{"vendor": "046D", "product": "c077", "cpi": 800}]}', "small letters"),
        ('{"devices": [{"vendor": "046d", "product": "c077", "cpi": "800"}]}', "cpi is '800'"),
        ('{"devices": [{"vendor": "046d", "product": "c077", "cpi": true}]}', "cpi is True"),
        ('{"devices": [{"vendor": "046d", "product": "c077", "cpi": 5}]}', "from 50 to 60000"),
        ('{"devices": [{"vendor": "046d", "product": "c077", "cpi": 800, "serial": 1}]}', "serial"),
        ('{"devices": [{"vendor": "046d", "product": "c077", "cpi": 800, "hz": 1}]}', "nothing unknown"),
        ("\x00", "not JSON"),
    ],
)
def test_a_bad_entry_is_named(told: str, words: str) -> None:
    with pytest.raises(SteadyhandError, match=words):
        parse_devices(told.encode(), "mice.json")
