"""Addresses of receivers: https anywhere, http to this computer only, no credentials in them."""

from __future__ import annotations

import json
import re

import pytest

from agent.config.options import all_options
from agent.config.policy import parse_policy
from agent.engine.errors import SteadyhandError
from docs.make_config import settings_schema

ADDRESSES = [
    option.key for option in all_options().values() if option.pattern and option.name.endswith("_url")
]
GOOD = [
    "",
    "https://splunk.example",
    "https://splunk.example:8088",
    "https://10.0.0.7/hook?team=1&x=%20",
    "https://[2001:db8::1]:4318/",
    "http://localhost:4318",
    "http://127.0.0.1/",
    "http://[::1]:4318/v1",
]
BAD = [
    "splunk.example",
    "ftp://splunk.example",
    "http://splunk.example:8088",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example/",
    "http://localhost@evil.example/",
    "https://user:secret@splunk.example",
    "https://",
    "https:///path",
    "https://splunk.example:port",
    "https://splunk.example:123456",
    "https://splunk.example/a b",
    "https://splunk.example/\n",
    "https://splunk.example\n",
    " https://splunk.example",
    "HTTPS://splunk.example",
    "https://spłunk.example",
]


def policy(key: str, value: object) -> bytes:
    section, _, name = key.partition(".")
    return json.dumps({section: {name: value}}).encode()


def test_every_receiver_over_http_has_one() -> None:
    alerts = [
        "alerts.playbook_url",
        "alerts.splunk_url",
        "alerts.webhook_url",
        "alerts.otlp_url",
        "alerts.ssf_receiver_url",
    ]
    central = ["central.folder_url", "central.recordings_url"]
    assert [*alerts, *central, "people.objection_url"] == ADDRESSES


@pytest.mark.parametrize("key", ADDRESSES)
@pytest.mark.parametrize("address", GOOD)
def test_good_ones(key: str, address: str) -> None:
    assert parse_policy(policy(key, address), "p.json") == {key: address}


@pytest.mark.parametrize("key", ADDRESSES)
@pytest.mark.parametrize("address", BAD)
def test_bad_ones_are_named_with_what_is_allowed(key: str, address: str) -> None:
    with pytest.raises(SteadyhandError) as raised:
        parse_policy(policy(key, address), "p.json")
    assert f"{key} is {address!r}, but must be an https:// address" in str(raised.value)


@pytest.mark.parametrize("address", [*GOOD, *(one for one in BAD if not one.endswith("\n"))])
def test_the_schema_says_the_same(address: str) -> None:
    pattern = settings_schema()["properties"]["alerts"]["properties"]["otlp_url"]["pattern"]
    assert (re.search(pattern, address) is not None) is (address in GOOD)
