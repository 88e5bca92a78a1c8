"""The chain of alerts: what it withstands, and what it shows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.alert import Alert, AlertKind
from agent.alerts.api import Record
from agent.alerts.chained_delivery import ChainedDelivery
from agent.alerts.hash_chain import CHAIN, Link, sealed
from agent.alerts.ocsf import Product, to_ocsf
from agent.alerts.verify import verify
from agent.alerts.wire import MOST_ALERT_BYTES, alert_from_json, alert_to_json
from agent.engine.errors import SteadyhandError
from agent.files.private import write_private
from agent.files.version import ProgramVersion
from tests.agent.alerts.fakes import STREAM, make_alert

PRODUCT = Product("0.1.0", "Linux")
MINUTE_NS = 60_000_000_000


class Kept:
    """A delivery that keeps what it is given, or refuses as told."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.refuses = 0
        self.closed = False

    def submit(self, alert: Alert) -> None:
        if self.refuses:
            self.refuses -= 1
            raise OSError(28, "No space left on device")
        self.alerts.append(alert)

    def depth(self) -> int:
        return len(self.alerts)

    def problems(self) -> tuple[str, ...]:
        return ("inner",)

    def settle(self) -> bool:
        return True

    def close(self, flush_s: float) -> None:
        self.closed = True

    def lines(self) -> list[str]:
        return [line_of(alert, n) for n, alert in enumerate(self.alerts, 1)]


def line_of(alert: Alert, sequence: int) -> str:
    return json.dumps(to_ocsf(Record(STREAM, sequence, alert), PRODUCT), ensure_ascii=False)


def some_alerts(count: int) -> list[Alert]:
    kinds = [AlertKind.HEARTBEAT, AlertKind.INTRUDER, AlertKind.PAUSED]
    start = 1_767_225_600_123_456_789
    return [
        make_alert(
            kind=kinds[n % 3],
            time_unix_ns=start + n * MINUTE_NS,
            message=f"Ärger {n}",
            detail={"rate": n / 3, "mouse": {"vendor": "046d"}, "tried": ["a", "b"], "none": None},
            reasons=() if n % 2 else ("slower", "jagged"),
        )
        for n in range(count)
    ]


@pytest.fixture
def kept() -> Kept:
    return Kept()


def opened(kept: Kept, folder: Path) -> ChainedDelivery:
    folder.chmod(0o700)
    return ChainedDelivery(kept, folder / "chain.json", lambda: 7)


def test_a_whole_chain_is_whole_in_any_order(kept: Kept, tmp_path: Path) -> None:
    delivery = opened(kept, tmp_path)
    for alert in some_alerts(9):
        delivery.submit(alert)
    lines = kept.lines()
    report = verify([*reversed(lines), "", lines[3]])
    assert report.problems == ()
    assert report.silences == ()
    assert (report.alerts, report.chains, report.repeated, report.unlinked) == (9, 1, 1, 0)


def edited(line: str, **news: Any) -> str:
    event = json.loads(line)
    for path, value in news.items():
        *above, last = path.split("__")
        place = event
        for name in above:
            place = place[name]
        place[last] = value
    return json.dumps(event)


@pytest.mark.parametrize(
    "news",
    [
        {"message": "nothing happened"},
        {"severity_id": 1},
        {"time": 5},
        {"unmapped__rate": 0.0},
        {"unmapped__kind": "started"},
        {"actor__user__name": "bob"},
        {"device__hostname": "other"},
        {"metadata__uid": "00000000-0000-0000-0000-000000000000"},
        {"finding_info__uid": "00000000-0000-0000-0000-000000000000"},
        {"unmapped__chain__number": 9},
        {"unmapped__more": "forged"},
    ],
)
def test_every_edit_shows(kept: Kept, tmp_path: Path, news: dict[str, Any]) -> None:
    delivery = opened(kept, tmp_path)
    for alert in some_alerts(5):
        delivery.submit(alert)
    lines = kept.lines()
    lines[2] = edited(lines[2], **news)
    assert any("was changed after it was sent" in problem for problem in verify(lines).problems)


def test_what_is_missing_shows_with_its_numbers(kept: Kept, tmp_path: Path) -> None:
    delivery = opened(kept, tmp_path)
    for alert in some_alerts(8):
        delivery.submit(alert)
    lines = kept.lines()
    assert verify(lines[:2] + lines[3:]).problems == (verify(lines[:2] + lines[3:]).problems[0],)
    assert "alert 3 is missing" in verify(lines[:2] + lines[3:]).problems[0]
    assert "alerts 3 to 5 are missing" in verify(lines[:2] + lines[5:]).problems[0]
    assert "alerts 1 to 2 are missing" in verify(lines[2:]).problems[0]


def test_a_branch_of_the_chain_shows() -> None:
    first, link = sealed(make_alert(), Link("c"))
    one, _ = sealed(make_alert(), link)
    other, _ = sealed(make_alert(), link)
    lines = [line_of(alert, 1) for alert in (first, one, other)]
    assert verify(lines).problems == ("chain c: there are two alerts 2",)
    stray, _ = sealed(make_alert(), replace(link, hash="f" * 64))
    assert "does not follow" in verify([lines[0], line_of(stray, 1)]).problems[0]


def test_silence_is_told_unless_the_agent_said_that_it_ends(kept: Kept, tmp_path: Path) -> None:
    delivery = opened(kept, tmp_path)
    a, b, c, d = some_alerts(4)
    late = 20 * MINUTE_NS
    delivery.submit(a)
    delivery.submit(replace(b, time_unix_ns=b.time_unix_ns + late))
    delivery.submit(replace(c, kind=AlertKind.STOPPED, time_unix_ns=c.time_unix_ns + late))
    delivery.submit(replace(d, time_unix_ns=d.time_unix_ns + 3 * late))
    assert verify(kept.lines()).silences == ("silent for 1260 s before alert 2 (intruder): unexplained",)


@pytest.mark.parametrize(
    "line", ["{", "[]", "1", '{"unmapped": {}, "x": 1}', '{"unmapped": {"chain": {}}}', "[" * 100_000]
)
def test_what_is_no_alert_is_told_and_never_raises(line: str) -> None:
    report = verify([line])
    assert len(report.problems) + report.unlinked == 1


def test_the_chain_goes_on_after_a_clean_end(kept: Kept, tmp_path: Path) -> None:
    first = opened(kept, tmp_path)
    assert not first.resume().known
    for alert in some_alerts(3):
        first.submit(alert)
    first.close(0.0)
    second = opened(kept, tmp_path)
    before = second.resume()
    assert (before.known, before.ended, before.last_unix_ns) == (True, True, 7)
    for alert in some_alerts(2):
        second.submit(alert)
    report = verify(kept.lines())
    assert (report.problems, report.alerts, report.chains, report.repeated) == ((), 5, 1, 0)


@pytest.mark.parametrize(
    ("kind", "ended"), [(AlertKind.STOPPED, True), (AlertKind.QUIT, True), (AlertKind.AWAKE, False)]
)
def test_who_has_said_that_it_ends_may_be_cut_off_after_it(
    kept: Kept, tmp_path: Path, kind: AlertKind, ended: bool
) -> None:
    first = ChainedDelivery(kept, tmp_path / "chain.json", lambda: 7, "c1")
    first.resume()
    first.submit(make_alert(kind=kind))
    before = opened_again(kept, tmp_path).resume()
    assert (before.known, before.ended, before.session) == (True, ended, "c1")
    # The mark holds it until another follows: what was not handed on is, and receivers know it by its id.
    assert len(kept.alerts) == 2
    assert kept.alerts[0] == kept.alerts[1]


def opened_again(kept: Kept, tmp_path: Path) -> ChainedDelivery:
    return ChainedDelivery(kept, tmp_path / "chain.json", lambda: 7, "c2")


def test_a_mark_of_an_earlier_version_names_no_session(kept: Kept, tmp_path: Path) -> None:
    first = ChainedDelivery(kept, tmp_path / "chain.json", lambda: 7, "c1")
    first.resume()
    first.submit(make_alert())
    mark = json.loads((tmp_path / "chain.json").read_text())
    del mark["session"]
    write_private(tmp_path / "chain.json", json.dumps(mark).encode())
    assert opened_again(kept, tmp_path).resume().session == ""


def test_the_mark_names_the_program_and_one_of_an_earlier_version_names_none(
    kept: Kept, tmp_path: Path
) -> None:
    program = ProgramVersion("0.2.0", "0123456789abcdef0123456789abcdef01234567")
    first = ChainedDelivery(kept, tmp_path / "chain.json", lambda: 7, "c1", program)
    first.resume()
    first.submit(make_alert())
    assert opened_again(kept, tmp_path).resume().program == program
    mark = json.loads((tmp_path / "chain.json").read_text())
    del mark["version"], mark["commit"]
    write_private(tmp_path / "chain.json", json.dumps(mark).encode())
    assert opened_again(kept, tmp_path).resume().program == ProgramVersion("", "")


def test_a_kill_between_the_mark_and_the_delivery_loses_nothing(kept: Kept, tmp_path: Path) -> None:
    first = opened(kept, tmp_path)
    one, two, three = some_alerts(3)
    first.submit(one)
    kept.refuses = 1
    with pytest.raises(OSError, match="No space"):
        first.submit(two)
    second = opened(kept, tmp_path)
    before = second.resume()
    assert before.known
    assert not before.ended, "nobody said that it ends"
    second.submit(three)
    assert [alert.record_id for alert in kept.alerts] == [a.record_id for a in (one, two, three)]
    assert verify(kept.lines()).problems == ()


def test_an_alert_that_is_submitted_again_keeps_its_number(kept: Kept, tmp_path: Path) -> None:
    delivery = opened(kept, tmp_path)
    kept.refuses = 2
    one, two = some_alerts(2)
    for _ in range(2):
        with pytest.raises(OSError, match="No space"):
            delivery.submit(one)
    delivery.submit(one)
    delivery.submit(two)
    report = verify(kept.lines())
    assert (report.problems, report.alerts) == ((), 2)


@pytest.mark.parametrize("mark", [b"", b"[]", b"{}", b'{"chain": "x"}', b"\xff", b"[" * 50_000])
def test_a_damaged_mark_begins_a_new_chain_and_says_so(kept: Kept, tmp_path: Path, mark: bytes) -> None:
    (tmp_path / "chain.json").write_bytes(mark)
    (tmp_path / "chain.json").chmod(0o600)
    delivery = opened(kept, tmp_path)
    before = delivery.resume()
    assert not before.known
    assert "begins anew" in before.problem
    delivery.submit(make_alert())
    assert verify(kept.lines()).problems == ()


def test_a_mark_that_cannot_be_written_does_not_hold_the_alert_back(kept: Kept, tmp_path: Path) -> None:
    delivery = ChainedDelivery(kept, tmp_path / "nowhere" / "chain.json", lambda: 7)
    delivery.submit(make_alert())
    assert len(kept.alerts) == 1
    assert "the chain of alerts cannot be kept" in delivery.problems()[0]
    assert delivery.problems()[1:] == ("inner",)
    delivery.close(0.0)
    assert kept.closed


def test_a_sealed_alert_fits_the_wire_and_survives_it() -> None:
    long = make_alert(detail={f"k{n}": "x" * 200 for n in range(40)})
    ready, link = sealed(long, Link("c" * 36, 123_456_789, "a" * 64))
    assert len(alert_to_json(ready).encode()) <= MOST_ALERT_BYTES
    assert alert_from_json(alert_to_json(ready)).detail[CHAIN]["hash"] == link.hash
    assert not [p for p in verify([line_of(ready, 1)]).problems if "changed" in p]


def test_a_mark_that_could_not_be_written_is_written_as_soon_as_that_works(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = [True]

    def write(path: Path, data: bytes) -> None:
        if full[0]:
            raise SteadyhandError("no room", "make some")
        write_private(path, data)

    monkeypatch.setattr("agent.alerts.chained_delivery.write_private", write)
    delivery = opened(kept, tmp_path)
    (alert,) = some_alerts(1)
    delivery.submit(alert)
    assert delivery.settle() is False
    assert any("no room" in line for line in delivery.problems())
    full[0] = False
    assert delivery.settle() is True
    assert delivery.problems() == ("inner",)
    before = opened(kept, tmp_path).resume()
    assert (before.known, before.ended) == (True, False)
    assert [a.record_id for a in kept.alerts] == [alert.record_id] * 2, "handed on again, known by its id"
