"""`steadyhand verify` on the file that rsyslog writes by the configuration in docs/alerts.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.alerts.destinations import build_transports
from agent.alerts.ocsf import Product
from agent.alerts.verify import verify
from agent.cli import main
from bench.reliability_syslog import settings_for
from tests.agent.alerts.fakes import make_alert
from tests.agent.alerts.test_verify import chained
from tests.e2e.rsyslog import CLIENT, MISSING, Receiver

PAGE = Path(__file__).parents[2] / "docs" / "alerts.md"
pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)


@dataclass
class DocumentedRsyslog(Receiver):
    """rsyslog with the lines of the page; only addresses and certificates are the test's."""

    def config(self) -> str:
        block = re.search(
            r'^    module\(load="imtcp".*?^    input\(.*?\)$', PAGE.read_text(encoding="utf-8"), re.S | re.M
        )
        assert block, "the page has no configuration of rsyslog"
        lines = "\n".join(line[4:] for line in block[0].splitlines())
        lines = lines.replace("/var/log/steadyhand.log", f"{self.folder}/steadyhand.log")
        lines = lines.replace('port="6514"', f'port="{self.port}" address="127.0.0.1"')
        lines = lines.replace('authMode="x509/name"', f'authMode="x509/name" permittedPeer=["{CLIENT}"]')
        files = "\n".join(
            f'       defaultNetstreamDriver{name}File="{self.folder}/{file}"'
            for name, file in (("CA", "ca.pem"), ("Cert", "server.pem"), ("Key", "server.key"))
        )
        return f'global(workDirectory="{self.folder}"\n{files})\n{lines}\n'


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[DocumentedRsyslog]:
    made = DocumentedRsyslog(tmp_path / "rsyslog")
    made.prepare()
    made.start()
    yield made
    made.kill()


def test_the_documented_file_of_rsyslog_is_verified(
    receiver: DocumentedRsyslog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = chained(*(make_alert(message=f"Ärger {{{number}}}", user="zoë") for number in range(5)))
    syslog = build_transports(settings_for(receiver), tmp_path / "alerts.jsonl", Product("0.1.0", "Linux"))[1]
    sent = syslog.send(records)
    assert sent.accepted == 5, sent.detail
    file = receiver.folder / "steadyhand.log"
    assert main(["verify", str(file)]) == 0
    assert "5 alerts in 1 chain, 0 repeated, 0 without a link: 0 problems" in capsys.readouterr().out
    lines = file.read_text(encoding="utf-8").splitlines()
    assert "3 is missing" in verify([*lines[:2], *lines[3:]]).problems[0]
    forged = [lines[0].replace("Ärger {0}", "nothing"), *lines[1:]]
    assert "was changed" in verify(forged).problems[0]
    assert not lines[0].startswith("{"), "rsyslog writes time, host and tag before the event"
