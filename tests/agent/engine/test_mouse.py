"""What counts as the same mouse, and what its description promises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.engine.mouse import FORM, Claim, MouseConfiguration, Source, believed
from agent.engine.mouse_differences import differences

MOUSE = MouseConfiguration(
    "pynput-x11",
    "usb",
    "046d",
    "c077",
    serial="S1",
    name="Desk Mouse",
    cpi=1000,
    report_rate_hz=125,
    sources=(("cpi", Source.HWDB),),
)


@pytest.mark.parametrize(
    "change",
    [
        {"cpi": 1600},
        {"pointer_speed": 0.25},
        {"acceleration": "flat"},
        {"screen_scale": 1.5},
        {"capture": "evdev"},
        {"report_rate_hz": 1000},
        {"left_handed": True},
        {"remote": "rdp"},
        {"serial": "S2"},
        {"version": "0111"},
        {"kind": "touchpad"},
        {"name": "Receiver Mouse 2"},
        {"bus": "bluetooth"},
        {"twin": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_changes_what_the_pointer_does_is_another_configuration(change: dict[str, Any]) -> None:
    other = replace(MOUSE, **change)
    assert other.key != MOUSE.key
    (told,) = differences(MOUSE, other)
    assert told.startswith(next(iter(change)).replace("_", " "))


def test_who_told_a_value_and_what_is_doubtful_are_no_part_of_the_key() -> None:
    other = replace(MOUSE, sources=(("cpi", Source.VENDOR),), doubts=("a doubt",))
    assert other.key == MOUSE.key
    assert differences(MOUSE, other) == ()


def test_the_key_names_its_form_and_is_the_same_everywhere() -> None:
    assert MOUSE.key == "2-4bc7b47832676b3f"


def test_it_survives_json() -> None:
    other = replace(MOUSE, doubts=("a doubt",), twin=True)
    assert MouseConfiguration.from_json(other.to_json()) == other


def form_1() -> dict[str, Any]:
    """The description as the first version wrote it."""
    return {
        "capture": "pynput-x11",
        "bus": "usb",
        "vendor": "046d",
        "product": "c077",
        "serial": "S1",
        "name": "Desk Mouse",
        "cpi": 1000,
        "cpi_source": "hwdb",
        "report_rate_hz": 125,
        "pointer_speed": 0.0,
        "acceleration": "",
        "screen_scale": 1.0,
    }


def test_an_older_description_is_read_keeps_its_key_and_is_never_the_same_mouse() -> None:
    old = MouseConfiguration.from_json(form_1())
    assert (old.form, old.cpi, old.cpi_source) == (1, 1000, Source.HWDB)
    assert old.key == "4d0b0b7859e8e8be"
    assert MouseConfiguration.from_json(old.to_json()) == old
    (why,) = differences(old, MOUSE)
    assert "form 1" in why
    assert "enrol it again" in why


def test_a_newer_description_is_refused() -> None:
    with pytest.raises(ValueError, match=f"form {FORM + 1} is newer"):
        MouseConfiguration.from_json({**MOUSE.to_json(), "form": FORM + 1})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cpi": "1000"}, "cpi is '1000'"),
        ({"extra": 1}, "extra"),
        ({"form": 0}, "no such form"),
        ({"form": "2"}, "form is '2'"),
        ({"sources": {"cpi": "hearsay"}}, "hearsay"),
        ({"doubts": [1]}, "doubt"),
        ({"twin": 1}, "twin is 1"),
    ],
)
def test_a_description_that_is_none_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        MouseConfiguration.from_json({**MOUSE.to_json(), **change})


@pytest.mark.parametrize("missing", ["cpi_source", "name"])
def test_an_older_description_that_lacks_something_is_refused(missing: str) -> None:
    told = form_1()
    del told[missing]
    with pytest.raises(ValueError, match=missing):
        MouseConfiguration.from_json(told)


def test_the_most_trustworthy_source_is_believed() -> None:
    claims = [Claim(800, Source.HWDB), Claim(1600, Source.VENDOR), Claim(1200, Source.ADMINISTRATOR)]
    for order in (claims, claims[::-1]):
        best, doubts = believed("CPI", order)
        assert best == Claim(1600, Source.VENDOR)
        assert doubts == ("CPI: 1600 by the vendor protocol, 1200 by the administrator",)
    assert believed("CPI", claims[::2])[0] == Claim(1200, Source.ADMINISTRATOR)
    assert believed("CPI", claims[:1]) == (Claim(800, Source.HWDB), ())
    assert believed("CPI", [Claim(0, Source.VENDOR)]) == (Claim(0, Source.UNKNOWN), ())


def test_confidence_falls_from_the_vendor_to_nobody() -> None:
    assert [source.confidence for source in Source] == [4, 3, 2, 1, 0]


def test_each_value_is_told_with_its_source() -> None:
    mouse = replace(MOUSE, sources=(("cpi", Source.VENDOR),), doubts=("two say otherwise",))
    told = mouse.lines()
    assert told[0] == f"key: {mouse.key}"
    assert "cpi: 1000 (vendor protocol)" in told
    assert told[-1] == "doubt: two say otherwise"
    assert "cpi: unknown" in replace(mouse, cpi=0).lines()
    assert not any(line.startswith("remote") for line in told), "what is not there is left out"
