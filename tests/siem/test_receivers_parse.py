"""Alerts through real syslog receivers whose own JSON parsers take them apart: rsyslog's mmjsonparse, syslog-ng's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.alerts.destinations import build_transports
from agent.alerts.ocsf import Product
from bench.reliability_syslog import settings_for
from tests.agent.alerts.fakes import make_record
from tests.e2e import rsyslog, syslog_ng
from tests.e2e.rsyslog import Receiver
from tests.e2e.syslog_ng import SyslogNg

_RSYSLOG = """
module(load="mmjsonparse")
template(name="parsed" type="list" option.jsonf="on") {{
    property(outname="ok" name="parsesuccess" format="jsonf")
    property(outname="kind" name="$!unmapped!kind" format="jsonf")
    property(outname="user" name="$!actor!user!name" format="jsonf")
    property(outname="message" name="$!message" format="jsonf")
    property(outname="uid" name="$!metadata!uid" format="jsonf")
    property(outname="trust" name="$!unmapped!trust" format="jsonf")
}}
"""
_RSYSLOG_ACTION = 'action(type="mmjsonparse" cookie="" container="$!")\n    action(type="omfile"'
_SYSLOG_NG = """ok=OK kind=${ev.unmapped.kind} user=${ev.actor.user.name} message=${ev.message}\\
 uid=${ev.metadata.uid} trust=${ev.unmapped.trust}"""


@dataclass
class ParsingRsyslog(Receiver):
    """rsyslog with the documented ruleset and mmjsonparse before the file."""

    def config(self) -> str:
        plain = super().config()
        head, _, rest = plain.partition("# A direct queue")
        rest = rest.replace('action(type="omfile"', _RSYSLOG_ACTION, 1).replace(
            'template="line"', 'template="parsed"'
        )
        return f"{head}{_RSYSLOG.replace('{{', '{').replace('}}', '}')}# A direct queue{rest}"


@dataclass
class ParsingSyslogNg(SyslogNg):
    """syslog-ng with json-parser before the file."""

    def config(self) -> str:
        plain = super().config()
        head, _, rest = plain.partition("$(format-json ")
        _, _, tail = rest.partition(")\\n")
        parsed = f"{head}$(format-json {_SYSLOG_NG.replace(chr(92) + chr(10), chr(92) + chr(10))})\\n{tail}"
        return parsed.replace(
            "log { source(alerts);",
            'parser json { json-parser(prefix("ev.")); };\nlog { source(alerts); parser(json);',
        )


@pytest.fixture(
    params=[
        pytest.param(ParsingRsyslog, marks=pytest.mark.skipif(bool(rsyslog.MISSING), reason=rsyslog.MISSING)),
        pytest.param(
            ParsingSyslogNg, marks=pytest.mark.skipif(bool(syslog_ng.MISSING), reason=syslog_ng.MISSING)
        ),
    ],
    ids=["rsyslog mmjsonparse", "syslog-ng json-parser"],
)
def receiver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Receiver]:
    made: Receiver = request.param(tmp_path / "receiver")
    made.prepare()
    made.start()
    yield made
    made.kill()


def test_a_parser_for_json_reads_every_alert(receiver: Receiver, tmp_path: Path) -> None:
    record = make_record(
        message='Ärger "żółw" \\ {x}', user="zoë", detail={"trust": 3, "nested": {"a": [1, 2]}}
    )
    syslog = build_transports(settings_for(receiver), tmp_path / "alerts.jsonl", Product("0.1.0", "Linux"))[1]
    sent = syslog.send([record])
    assert sent.accepted == 1, sent.detail
    (parsed,) = receiver.messages()
    assert parsed["ok"] == "OK"
    assert (parsed["kind"], parsed["user"], parsed["uid"]) == ("intruder", "zoë", record.alert.record_id)
    assert parsed["message"] == 'Ärger "żółw" \\ {x}'
    assert str(parsed["trust"]) == "3"
    assert json.dumps(parsed)
