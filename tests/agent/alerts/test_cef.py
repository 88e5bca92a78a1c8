"""CEF lines, letter by letter."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.alerts.alert import AlertKind, Severity
from agent.alerts.cef import cef
from agent.alerts.ocsf import Product
from agent.alerts.titles import TITLES
from tests.agent.alerts.fakes import STREAM, make_record

PRODUCT = Product("0.1.0", "Linux")
DETAIL = {
    "verdict": "intruder",
    "trust": 3,
    "evidence_llr": -8.25,
    "actions": 41,
    "seconds": 63.5,
    "profile_hash": "ab12",
    "policy_hash": "cd34",
    "mouse": {"name": "Logitech M705", "product": "101b"},
    "lock": "locked",
}


def test_a_whole_line() -> None:
    record = make_record(
        42, finding_id="F", record_id="R", detail=DETAIL, reasons=("Slower = unusual.", "C:\\jagged|path.")
    )
    assert cef(record, PRODUCT) == (
        "CEF:0|Steadyhand|Steadyhand|0.1.0|intruder|Somebody else is using the session|8|"
        "rt=1767225600123 shost=laptop-17 suser=alice cat=create externalId=R "
        "msg=Somebody else moves the mouse. reason=Slower \\= unusual. C:\\\\jagged|path. act=locked "
        "cn1Label=trust cn1=3 cn2Label=actions cn2=41 cn3Label=sequence cn3=42 "
        "cfp1Label=evidenceLlr cfp1=-8.25 cfp2Label=seconds cfp2=63.5 cs1Label=findingId cs1=F "
        f"cs2Label=stream cs2={STREAM} cs3Label=profileHash cs3=ab12 cs4Label=policyHash cs4=cd34 "
        "cs5Label=mouse cs5=Logitech M705 cs6Label=verdict cs6=intruder"
    )


def test_what_is_not_known_is_left_out() -> None:
    record = make_record(1, finding_id="F", record_id="R", detail={}, reasons=(), user="", host="h")
    assert cef(record, PRODUCT).split("|", 7)[7] == (
        "rt=1767225600123 shost=h cat=create externalId=R msg=Somebody else moves the mouse. "
        f"cn3Label=sequence cn3=1 cs1Label=findingId cs1=F cs2Label=stream cs2={STREAM}"
    )


@pytest.mark.parametrize(
    ("message", "written"),
    [
        ("a=b", "a\\=b"),
        ("a\\b", "a\\\\b"),
        ("a|b", "a|b"),
        ("a\nb", "a\\nb"),
        ("a\r\nb\rc", "a\\nb\\nc"),
        ("a\x00\x1bb", "a??b"),
        ("żółw", "żółw"),
        ("a\\\nb", "a\\\\\\nb"),
        ("\\=", "\\\\\\="),
    ],
)
def test_the_extension_is_escaped(message: str, written: str) -> None:
    assert f" msg={written} " in cef(make_record(message=message), PRODUCT)


def test_the_header_is_escaped() -> None:
    line = cef(make_record(), Product("0|1\\2\n3", "Linux"))
    assert line.startswith("CEF:0|Steadyhand|Steadyhand|0\\|1\\\\2?3|intruder|")


def test_a_zero_is_a_value() -> None:
    assert "cn1Label=trust cn1=0 " in cef(make_record(detail={"trust": 0}), PRODUCT)


def test_graver_alerts_have_higher_severities() -> None:
    told = [int(cef(make_record(severity=s), PRODUCT).split("|")[6]) for s in sorted(Severity)]
    assert told == [1, 3, 5, 8, 10]


@pytest.mark.parametrize("kind", AlertKind)
def test_every_kind_has_a_name(kind: AlertKind) -> None:
    assert f"|{kind.value}|{TITLES[kind]}|" in cef(make_record(kind=kind), PRODUCT)


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_breaks_the_form(user: str, message: str) -> None:
    line = cef(make_record(user=user, message=message), PRODUCT)
    assert line.isprintable()
    header, extension = line.split("|", 7)[:7], line.split("|", 7)[7]
    assert len(header) == 7
    keys = re.findall(r"(?:^| )(\w+)(?<!\\)=", extension)
    assert [key for key in keys if key not in ("suser", "msg")] == [
        "rt", "shost", "cat", "externalId", "reason", "cn1Label", "cn1", "cn3Label", "cn3",
        "cfp1Label", "cfp1", "cs1Label", "cs1", "cs2Label", "cs2", "cs5Label", "cs5",
    ]  # fmt: skip
