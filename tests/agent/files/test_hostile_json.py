"""Every reader of JSON against made-up documents: what it returns is sound, or it refuses in its own way, and goes on.

A valid document of each reader has one of its parts replaced by something that JSON allows and no file, database or
header takes; or it is cut, or is anything at all. `make fuzz` takes more examples (STEADYHAND_FUZZ).
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from agent.alerts.alert_history import read_noticed
from agent.alerts.api import Record
from agent.alerts.chained_delivery import ChainedDelivery
from agent.alerts.hash_chain import Link, sealed
from agent.alerts.ocsf import Product, to_ocsf
from agent.alerts.verify import verify
from agent.alerts.wire import alert_from_json, alert_to_json
from agent.config.policy import parse_policy
from agent.engine.errors import SteadyhandError
from agent.engine.events import Cause
from agent.files.damage import damaged_files
from agent.files.day_log_file import Spell, append_spell, read_day
from agent.files.devices import parse_devices
from agent.files.ledger import RecordingLedger
from agent.files.paths import Paths
from agent.files.private import private_dir, write_private
from agent.files.sequence_numbers import read_marks
from agent.files.stream import Session, decode
from agent.files.upload_log import UploadedRecording, read_handed, write_handed
from agent.runtime.central.fetch import _read_tags
from agent.runtime.status.snapshot import Status
from agent.runtime.status.status_file import read_status, write_status
from tests.agent.alerts.fakes import STREAM, make_alert
from tests.agent.files.test_cohort_file import MOUSE

EXAMPLES = int(os.environ.get("STEADYHAND_FUZZ", "40"))

hard = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

HOSTILE = [
    *(
        "10000000000000000000",
        "-9223372036854775809",
        "9" * 400,
        "1e999",
        "-1e999",
        "NaN",
        "1e308",
        "-1",
        "0.5",
    ),
    *(
        '"\\ud800"',
        '"\\udc00x"',
        '"a\\r\\nX-Evil: 1"',
        '"\\u0000"',
        '"../../etc/passwd"',
        '""',
        f'"{"x" * 20_000}"',
    ),
    *(
        "null",
        "true",
        "[]",
        "{}",
        "[[]]",
        '{"a": 1, "a": 2}',
        "[" * 5000,
        '"' + "1" * 40 + '"',
        '{"\\udfff": 1}',
    ),
]


@st.composite
def spoilers(draw: st.DrawFn) -> Callable[[Any], bytes]:
    """Turns a valid document into the text of a hostile one."""
    how = draw(st.sampled_from(["replace", "replace", "replace", "add", "cut", "anything"]))
    steps = draw(st.lists(st.integers(0, 30), min_size=1, max_size=5))
    hostile = draw(st.sampled_from(HOSTILE))
    anything = draw(st.binary(max_size=12) | st.sampled_from(HOSTILE).map(str.encode))

    def spoil(document: Any) -> bytes:
        if how == "anything":
            return anything
        text = json.dumps(_marked(document, steps, add=how == "add")).replace('"@@"', hostile)
        return text.encode()[: steps[0]] if how == "cut" else text.encode()

    return spoil


def _marked(document: Any, steps: list[int], *, add: bool) -> Any:
    """A copy with a mark in the place that the steps lead to."""
    whole = {"": json.loads(json.dumps(document))}
    holder: Any = whole
    key: Any = ""
    for step in steps:
        inner = holder[key]
        if not isinstance(inner, (dict, list)) or not inner:
            break
        holder, key = (
            inner,
            (list(inner)[step % len(inner)] if isinstance(inner, dict) else step % len(inner)),
        )
    if add and isinstance(holder, dict):
        holder["further"] = "@@"
    else:
        holder[key] = "@@"
    return whole[""]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths.under(tmp_path)
    private_dir(paths.state_dir)
    return paths


def refused_or(read: Callable[[], object], kind: type[Exception]) -> None:
    refusal = ""
    try:
        read()
    except kind as error:
        refusal = str(error)
    assert "\n" not in refusal
    assert len(refusal) < 700


ALERT = json.loads(alert_to_json(make_alert()))
EVENT = to_ocsf(Record(STREAM, 1, sealed(make_alert(), Link("c"))[0]), Product("1", "Linux"))


@seed(1)
@hard
@given(spoil=spoilers())
def test_an_alert_that_is_read_can_be_written_and_sent(spoil: Callable[[Any], bytes]) -> None:
    def read() -> None:
        alert = alert_from_json(spoil(ALERT))
        ready, _ = sealed(alert, Link("c"))
        assert alert_from_json(alert_to_json(ready)) == ready
        json.dumps(to_ocsf(Record(STREAM, 1, ready), Product("1", "Linux")), allow_nan=False).encode()
        assert 0 <= alert.time_unix_ns < 2**63
        assert alert.record_id.isascii()
        assert alert.record_id.isprintable()
        assert " " not in alert.record_id

    refused_or(read, ValueError)


@seed(2)
@hard
@given(
    detail=st.dictionaries(
        st.text(max_size=4) | st.just("\ud800"),
        st.integers(-(2**80), 2**80) | st.floats() | st.just("\udc00") | st.binary(max_size=3) | st.none(),
        max_size=4,
    )
)
def test_whatever_an_alert_of_the_agent_says_is_read_back(detail: dict[str, Any]) -> None:
    ready, _ = sealed(make_alert(detail=detail | {"deep": [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}), Link("c"))
    line = alert_to_json(ready)
    assert alert_to_json(alert_from_json(line)) == line


class _Nowhere:
    """A delivery that takes everything."""

    def submit(self, alert: object) -> None:
        pass

    def problems(self) -> tuple[str, ...]:
        return ()

    def depth(self) -> int:
        return 0

    def settle(self) -> bool:
        return True

    def close(self, flush_s: float) -> None:
        pass


@seed(3)
@hard
@given(spoil=spoilers())
def test_a_chain_that_is_damaged_is_set_aside_and_the_agent_goes_on(
    paths: Paths, spoil: Callable[[Any], bytes]
) -> None:
    (paths.state_dir / "chain.json.damaged").unlink(missing_ok=True)
    ready, link = sealed(make_alert(), Link("0" * 8 + "-0000-4000-8000-" + "0" * 12))
    mark = {
        "chain": link.chain,
        "number": 1,
        "hash": link.hash,
        "alert": alert_to_json(ready),
        "ended": False,
        "last_unix_ns": 5,
    }
    content = spoil(mark)
    write_private(paths.chain_file, content)
    delivery = ChainedDelivery(_Nowhere(), paths.chain_file, lambda: 7)
    before = delivery.resume()
    if before.problem:
        assert (paths.state_dir / "chain.json.damaged").read_bytes() == content
        assert delivery.problems() == (before.problem,)
        assert len(damaged_files(paths.state_dir)) == 1
    delivery.submit(make_alert())
    again = ChainedDelivery(_Nowhere(), paths.chain_file, lambda: 8).resume()
    assert (again.known, again.problem) == (True, "")


@seed(4)
@hard
@given(spoil=spoilers())
def test_an_exported_event_of_anything_is_a_problem_of_its_line(spoil: Callable[[Any], bytes]) -> None:
    report = verify([json.dumps(EVENT), spoil(EVENT).decode(errors="replace"), json.dumps(EVENT)])
    assert report.alerts >= 1
    assert all("\n" not in problem and len(problem) < 300 for problem in report.problems)


@seed(5)
@hard
@given(spoil=spoilers())
def test_marks_ledgers_and_lists_of_the_state_folder(paths: Paths, spoil: Callable[[Any], bytes]) -> None:
    write_private(paths.marks_file, spoil({"policy": {"administrator": 3}, "a-b": {"local": 1}}))
    marks, problems = read_marks(paths)
    assert all(0 <= n <= 2**53 for mark in marks.values() for n in mark.values())
    assert bool(problems) == (not paths.marks_file.exists())
    write_private(paths.recordings_known_file, spoil({"a.recording": "", "b.recording": ""}))
    write_private(paths.recordings_erased_file, spoil({"a.recording": "the owner"}))
    gone = RecordingLedger(paths).gone()
    assert 0 <= gone.by_owner + gone.by_nobody <= 3
    uploaded = UploadedRecording("a.recording", "0" * 64, "2-k", 3, 4, 5, 6.5)
    write_handed(paths, [uploaded])
    write_private(paths.handed_file, spoil(json.loads(paths.handed_file.read_bytes())))
    for recording in read_handed(paths):
        assert isinstance(recording.size_bytes, int)
        assert recording.actions >= 0
    write_private(paths.fetched_tags_file, spoil({"steadyhand.policy": ['"tag"', "0" * 64]}))
    for tag, _ in _read_tags(paths.fetched_tags_file).values():
        assert tag.isascii()
        assert "\n" not in tag


@seed(6)
@hard
@given(spoil=spoilers())
def test_status_day_and_notices(paths: Paths, spoil: Callable[[Any], bytes]) -> None:
    write_status(paths.status_file, Status())
    status = json.loads(paths.status_file.read_bytes())
    write_private(paths.status_file, spoil(status), mode=0o400)
    refused_or(
        lambda: json.dumps(read_status(paths.status_file, paths.lock_file), allow_nan=False), SteadyhandError
    )
    spell = {"t_unix_s": 50, "state": "watching", "low": 3, "last": None}
    write_private(paths.day_file, spoil(spell) + b"\n")
    append_spell(paths.day_file, Spell(60, "watching", 1, 2))
    assert read_day(paths.day_file, 70.0)[-1] == Spell(60, "watching", 1, 2)
    write_private(paths.alerts_file, spoil(EVENT) + b"\n" + json.dumps(EVENT).encode() + b"\n")
    assert len(read_noticed(paths.alerts_file, 0.0)) in (1, 2)


@seed(7)
@hard
@given(spoil=spoilers())
def test_policies_and_declared_mice(spoil: Callable[[Any], bytes]) -> None:
    policy = {"judgement": {"mode": "enforce"}, "response": {"countdown_s": 3}, "alerts": {"more": ["a b=c"]}}
    refused_or(lambda: parse_policy(spoil(policy), "p.json"), SteadyhandError)
    mice = {"devices": [{"vendor": "046d", "product": "c077", "cpi": 1000, "serial": "1"}]}
    refused_or(lambda: parse_devices(spoil(mice), "d.json"), SteadyhandError)


@seed(8)
@hard
@given(spoil=spoilers())
def test_frames_of_a_recording(spoil: Callable[[Any], bytes]) -> None:
    documents = {
        b"B": {"cause": "SLEEP", "detail": "lid", "t_ns": 5},
        b"S": {"mouse": MOUSE.to_json(), "clock": "monotonic", "t_ns": 1, "wall_unix_ns": 2},
    }
    for letter, document in documents.items():
        content = spoil(document)

        def read(letter: bytes = letter, content: bytes = content) -> None:
            (entry,) = decode(letter + len(content).to_bytes(4, "little") + content)
            if isinstance(entry, Session):
                assert -(2**63) <= entry.wall_unix_ns < 2**63
                json.dumps(entry.mouse.to_json(), allow_nan=False).encode()
            else:
                assert entry.cause in Cause  # type: ignore[union-attr]

        refused_or(read, ValueError)


def test_a_text_with_unicode_line_ends_stays_one_line(paths: Paths) -> None:
    event = to_ocsf(Record(STREAM, 1, make_alert(message="a\u2028b\x85c\x0bd")), Product("1", "Linux"))
    write_private(paths.alerts_file, json.dumps(event, ensure_ascii=False).encode() + b"\n")
    (noticed,) = read_noticed(paths.alerts_file, 0.0)
    assert noticed.message == "a\u2028b\x85c\x0bd"


def test_a_relay_that_answers_anything_is_asked_again_later(tmp_path: Path) -> None:
    from threading import Thread

    from agent.alerts.transports.relay_link import RelayLink

    path = tmp_path / "relay"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(path))
        listener.listen(30)

        def answer() -> None:
            for hostile in HOSTILE:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(16_384)
                    connection.send(hostile.encode()[:16_000])

        server = Thread(target=answer)
        server.start()
        for _ in HOSTILE:
            sent = RelayLink(path, own_uid=-2).send([Record(STREAM, 1, make_alert())])
            assert sent.accepted == 0
            assert "relay" in sent.detail
        server.join(5)
