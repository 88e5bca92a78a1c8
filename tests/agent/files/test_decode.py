"""The decoder of everything that crosses a boundary: what it returns can be stored and sent again."""

from __future__ import annotations

import json
import re
import sqlite3
from enum import Enum, IntEnum
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from agent.files.decode import Fields, decode_json

LIMIT = 1 << 20


class Level(IntEnum):
    """For choices by number."""

    LOW = 1
    HIGH = 2


class Colour(Enum):
    """For choices by name."""

    RED = "red"


REFUSED = {
    "integer beyond 64 bits": b"10000000000000000000",
    "integer below 64 bits": b"-9223372036854775809",
    "integer of 5,000 digits": b"9" * 5000,
    "number beyond float": b"1e999",
    "number below float": b"-1e999",
    "NaN": b"NaN",
    "Infinity": b"[Infinity]",
    "-Infinity": b'{"a": -Infinity}',
    "lone high surrogate": b'"\\ud800"',
    "lone low surrogate in a list": b'["\\udc00"]',
    "lone surrogate as a key": b'{"\\ud83d": 1}',
    "surrogates in the wrong order": b'"\\udc00\\ud800"',
    "key twice": b'{"a": 1, "a": 1}',
    "key twice, deep": b'[[{"a": {"b": 1, "b": 2}}]]',
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "33 levels": b"[" * 33 + b"]" * 33,
    "nothing": b"",
    "blanks": b"  \n",
    "cut short": b'{"a": [1, 2',
    "two documents": b"1 2",
    "not UTF-8": b'"\xff"',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a control character": b'"a\x00b"',
}


@pytest.mark.parametrize("raw", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_stored_or_sent_is_refused_in_one_line(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        decode_json(raw, LIMIT)
    assert type(caught.value) is ValueError
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_size_is_checked_first() -> None:
    assert decode_json(b"[1]", 3) == [1]
    with pytest.raises(ValueError, match="more than 2 bytes"):
        decode_json(b"[1]", 2)


def test_what_is_whole_comes_through() -> None:
    document = {"a": [1, -(2**63), 2**63 - 1, 0.5, True, None, "ä😀\r\n"], "b": {"c": {}}}
    assert decode_json(json.dumps(document), LIMIT) == document
    assert decode_json(json.dumps(document, ensure_ascii=False).encode(), LIMIT) == document
    assert decode_json(b"\xef\xbb\xbf[]", LIMIT) == [], "Windows' editors write a byte order mark"
    assert decode_json(b"[" * 32 + b"]" * 32, LIMIT)


ATOMS = st.sampled_from(
    [
        "1e999",
        "-1e400",
        "NaN",
        "Infinity",
        "1" * 30,
        '"\\ud800"',
        '"\\udfff x"',
        '"a\\r\\nb"',
        "null",
        "0.1",
        "{}",
        "[]",
    ]
)
RAW_JSON = st.recursive(
    ATOMS | st.integers(-(2**70), 2**70).map(str) | st.text(max_size=6).map(json.dumps),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda parts: f"[{','.join(parts)}]")
        | st.lists(st.tuples(st.text(max_size=3).map(json.dumps), inner), max_size=4).map(
            lambda pairs: "{" + ",".join(f"{key}:{part}" for key, part in pairs) + "}"
        )
    ),
    max_leaves=12,
)


@seed(1)
@settings(max_examples=300, deadline=None)
@given(raw=RAW_JSON | st.text(max_size=30) | st.binary(max_size=30))
def test_whatever_comes_it_is_refused_or_can_be_stored(raw: str | bytes) -> None:
    try:
        document = decode_json(raw, LIMIT)
    except ValueError:
        return
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    with sqlite3.connect(":memory:") as db:
        (back,) = db.execute("SELECT ?", (text.encode(),)).fetchone()
    assert json.loads(back) == document
    for number in _integers(document):
        assert sqlite3.connect(":memory:").execute("SELECT ?", (number,)).fetchone() == (number,)


def _integers(document: Any) -> list[int]:
    if isinstance(document, dict):
        document = list(document.values())
    if isinstance(document, list):
        return [number for part in document for number in _integers(part)]
    return [document] if type(document) is int else []


WRONG_TYPES: list[tuple[str, Any, Any]] = [
    ("integer", True, lambda fields: fields.integer("key")),
    ("integer", 1.0, lambda fields: fields.integer("key")),
    ("integer", -1, lambda fields: fields.integer("key")),
    ("integer", 11, lambda fields: fields.integer("key", 0, 10)),
    ("number", "1", lambda fields: fields.number("key", 0, 9)),
    ("number", True, lambda fields: fields.number("key", 0, 9)),
    ("number", 9.5, lambda fields: fields.number("key", 0, 9)),
    ("boolean", 1, lambda fields: fields.boolean("key")),
    ("text", 1, lambda fields: fields.text("key")),
    ("text", "abcd", lambda fields: fields.text("key", 3)),
    ("text", "ab\n", lambda fields: fields.text("key", pattern=re.compile("[a-z]+"))),
    ("identifier", "a\r\nX-Evil: 1", lambda fields: fields.identifier("key")),
    ("identifier", "", lambda fields: fields.identifier("key")),
    ("identifier", "a" * 129, lambda fields: fields.identifier("key")),
    ("identifier", "../x", lambda fields: fields.identifier("key")),
    ("texts", ["a", 1], lambda fields: fields.texts("key", 3)),
    ("texts", ["a"] * 4, lambda fields: fields.texts("key", 3)),
    ("texts", "abc", lambda fields: fields.texts("key", 3)),
    ("nested", [], lambda fields: fields.nested("key")),
    ("choice", 1.0, lambda fields: fields.choice("key", Level)),
    ("choice", True, lambda fields: fields.choice("key", Level)),
    ("choice", 3, lambda fields: fields.choice("key", Level)),
    ("choice", "blue", lambda fields: fields.choice("key", Colour)),
    ("choice", ["red"], lambda fields: fields.choice("key", Colour)),
]


@pytest.mark.parametrize(("kind", "wrong", "read"), WRONG_TYPES)
def test_a_field_of_another_type_or_range_is_named(kind: str, wrong: Any, read: Any) -> None:
    with pytest.raises(ValueError, match=r"^key"):
        read(Fields.of({"key": wrong}))
    with pytest.raises(ValueError, match="key is missing"):
        read(Fields.of({}))


def test_fields_of_the_right_type() -> None:
    fields = Fields.of({"i": 3, "n": 2, "b": False, "t": "x", "l": ["a"], "o": {"k": 1}, "c": 2, "e": "red"})
    assert (fields.integer("i"), fields.number("n", 0, 2), fields.boolean("b")) == (3, 2.0, False)
    assert (fields.identifier("t"), fields.texts("l", 1), fields.nested("o").integer("k")) == ("x", ("a",), 1)
    assert (fields.choice("c", Level), fields.choice("e", Colour)) == (Level.HIGH, Colour.RED)


def test_keys_that_must_and_may_be_there() -> None:
    assert Fields.of({"a": 1, "z": 2}, required=["a"]).document == {"a": 1, "z": 2}
    with pytest.raises(ValueError, match="b is missing"):
        Fields.of({"a": 1}, required=["a", "b"])
    with pytest.raises(ValueError, match="'z' is unknown"):
        Fields.of({"a": 1, "z": 2}, required=["a"], optional=["b"])
    with pytest.raises(ValueError, match="not an object"):
        Fields.of([])
