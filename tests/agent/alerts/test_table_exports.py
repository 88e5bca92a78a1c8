"""CSV files of Splunk and Sentinel, and Sentinel's columns of JSON as text, are verified like the lines sent."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.alerts.alert import AlertKind
from agent.alerts.api import Record
from agent.alerts.ocsf import Product, to_ocsf
from agent.alerts.verify import verify
from agent.cli import main
from agent.engine.errors import SteadyhandError
from tests.agent.alerts.fakes import make_alert
from tests.agent.alerts.test_verify import chained

PRODUCT = Product("0.1.0", "Linux")
# What Log Analytics puts beside the columns of a table of one's own.
ADDED = {
    "TenantId": "0a1b",
    "TimeGenerated": "2026-01-01T09:00:00.000Z",
    "Type": "Steadyhand_CL",
    "_ResourceId": "",
}


@pytest.fixture
def records() -> tuple[Record, ...]:
    alerts = [
        make_alert(
            kind=AlertKind.INTRUDER,
            message=f'Bewegt sich "fremd", sagt\n{number} {{x}}',
            user="zoë",
            reasons=("click pressure: far shorter", "path: straighter"),
            detail={"trust": 4, "posterior": 0.25, "ratio": 1.0, "origin": {"remote": False}},
        )
        for number in range(4)
    ]
    return tuple(chained(*alerts))


def events_of(records: Sequence[Record]) -> list[dict[str, Any]]:
    return [json.loads(json.dumps(to_ocsf(record, PRODUCT))) for record in records]


def as_csv(columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> list[str]:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return io.StringIO(text.getvalue(), newline="").readlines()


def stringified(event: dict[str, Any]) -> dict[str, Any]:
    """As a table with columns of the type dynamic is exported: objects, lists and booleans as text."""
    return {
        name: json.dumps(part, ensure_ascii=False) if isinstance(part, dict | list | bool) else part
        for name, part in event.items()
    }


def splunk(records: Sequence[Record]) -> list[str]:
    rows = [
        {
            "_time": "2026-01-01T10:00:00.000+0100",
            "_raw": json.dumps(event),
            "host": "laptop",
            "unmapped.kind": "x",
        }
        for event in events_of(records)
    ]
    return as_csv(("_raw", "_time", "host", "unmapped.kind"), rows)


def sentinel(records: Sequence[Record]) -> list[str]:
    rows = [stringified(event) | ADDED for event in events_of(records)]
    columns = list(dict.fromkeys([*ADDED, *(name for row in rows for name in row), "remediation"]))
    return as_csv(columns, rows)


def sentinel_rows(records: Sequence[Record]) -> list[str]:
    return [json.dumps(stringified(event) | ADDED) + "\n" for event in events_of(records)]


def log_analytics(records: Sequence[Record]) -> list[str]:
    rows = [stringified(event) for event in events_of(records)]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    table = {
        "name": "PrimaryResult",
        "columns": [{"name": name, "type": "dynamic"} for name in columns],
        "rows": [[row.get(name) for name in columns] for row in rows],
    }
    return [json.dumps({"tables": [table]})]


FORMS: dict[str, Callable[[Sequence[Record]], list[str]]] = {
    "Splunk, CSV": splunk,
    "Splunk, CSV with a mark": lambda records: ["\ufeff" + splunk(records)[0], *splunk(records)[1:]],
    "Splunk, CSV of one column": lambda records: as_csv(
        ("_raw",), [{"_raw": json.dumps(event)} for event in events_of(records)]
    ),
    "Sentinel, CSV": sentinel,
    "Sentinel, rows as JSON": sentinel_rows,
    "Log Analytics' answer": log_analytics,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_whole_table_is_whole(form: str, records: Sequence[Record]) -> None:
    report = verify(FORMS[form](records))
    assert (report.problems, report.alerts, report.chains) == ((), 4, 1)


@pytest.mark.parametrize("form", FORMS)
def test_an_alert_that_was_taken_out_is_missed(form: str, records: Sequence[Record]) -> None:
    (problem,) = verify(FORMS[form]([*records[:1], *records[2:]])).problems
    assert "alert 2 is missing" in problem


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("sent", "forged"), [("sagt", "meint"), ("0.25", "0.01"), ("shorter", "longer")])
def test_an_edit_is_named_whatever_column_it_is_in(
    form: str, sent: str, forged: str, records: Sequence[Record]
) -> None:
    text = "".join(FORMS[form](records[:1]))
    assert sent in text
    (problem,) = verify(text.replace(sent, forged).splitlines(keepends=True)).problems
    assert "was changed after it was sent" in problem


def test_columns_that_a_receiver_added_are_said_not_to_be_checked(records: Sequence[Record]) -> None:
    (said,) = [line for line in verify(sentinel(records)).unchecked if "did not write" in line]
    assert "TenantId, TimeGenerated, Type" in said
    assert "_ResourceId" not in said, "an empty column says nothing"


def test_an_emptied_column_is_an_edit(records: Sequence[Record]) -> None:
    row = stringified(events_of(records)[0]) | {"evidences": ""}
    assert "changed" in verify(as_csv(list(row), [row])).problems[0]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ('"{""a"": 1', "not whole"),
        ("laptop", "1 column and not 4"),
        ('"","x","y","z"', "no JSON"),
        ('"{""a"": 1, ""a"": 2}",x,y,z', "a key twice"),
    ],
)
def test_a_row_that_is_none_is_named_by_its_line(row: str, words: str, records: Sequence[Record]) -> None:
    lines = splunk(records)
    report = verify([*lines, row + "\n"])
    assert report.alerts == 4
    (problem,) = report.problems
    assert problem.startswith("line 6 is not an alert: ")
    assert words in problem


def test_a_key_twice_in_a_column_is_refused(records: Sequence[Record]) -> None:
    row = stringified(events_of(records)[0])
    row["metadata"] = row["metadata"].replace("{", '{"uid": "x", ', 1)
    assert "a key twice" in verify(as_csv(list(row), [row])).problems[0]


@pytest.mark.parametrize(
    "columns", [("metadata.uid", "unmapped.kind", "_time"), ("unmapped_kind_s", "time_d")]
)
def test_single_fields_are_one_clear_line(
    columns: Sequence[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = as_csv(columns, [dict.fromkeys(columns, "5")])
    with pytest.raises(SteadyhandError, match="no whole events"):
        verify(lines)
    file = tmp_path / "export.csv"
    file.write_text("".join(lines))
    assert main(["verify", str(file)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "export the column _raw (Splunk)" in said.err


def test_the_command_reads_a_csv_file(
    records: Sequence[Record], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "export.csv"
    file.write_text("".join(sentinel(records)), encoding="utf-8", newline="")
    assert main(["verify", str(file)]) == 0
    assert "4 alerts in 1 chain, 0 repeated" in capsys.readouterr().out
