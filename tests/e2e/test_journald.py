"""Alerts into a real systemd-journald, in a mount namespace of its own, read back by journalctl."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

JOURNALD = Path("/lib/systemd/systemd-journald")
MISSING = not JOURNALD.exists() or shutil.which("journalctl") is None or shutil.which("unshare") is None

_SEND = """
from agent.alerts.transports.journald import Journald
from agent.alerts.ocsf import Product, to_ocsf
from tests.agent.alerts.fakes import make_record

way = Journald(lambda record: to_ocsf(record, Product("0.1.0", "Linux")))
sent = way.send([make_record(number, message="one\\ntwo żółw") for number in range(3)])
assert sent.accepted == 3, sent
"""

# $1: Python; $2: what it runs. Nothing of the machine's own journal is seen or touched in there.
_SCRIPT = """
set -eu
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/journal /run/log/journal
echo 0123456789abcdef0123456789abcdef >/run/machine-id
mount --bind /run/machine-id /etc/machine-id
$JOURNALD 2>/run/journald.log &
for _ in $(seq 100); do [ -S /run/systemd/journal/socket ] && break; sleep 0.05; done
"$1" -c "$2"
for _ in $(seq 100); do
    journalctl -D /run/log/journal -o json -t steadyhand >/run/found 2>/dev/null || true
    [ "$(wc -l </run/found)" -ge 3 ] && break
    sleep 0.05
done
cat /run/found
kill %1
"""


@pytest.mark.skipif(MISSING, reason="systemd-journald, journalctl or unshare is not installed")
def test_the_journal_has_every_alert_and_every_field() -> None:
    ended = subprocess.run(
        ["unshare", "--mount", "bash", "-c", _SCRIPT, "trial", sys.executable, _SEND],
        cwd=Path(__file__).parents[2],
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "JOURNALD": str(JOURNALD), "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if "unshare: unshare failed" in ended.stderr or "mount:" in ended.stderr:
        pytest.skip(f"no mount namespace of one's own: {ended.stderr.strip()}")
    assert ended.returncode == 0, ended.stderr
    entries = [json.loads(line) for line in ended.stdout.splitlines()]
    assert len(entries) == 3
    assert [entry["STEADYHAND_SEQUENCE"] for entry in entries] == ["0", "1", "2"]
    for entry in entries:
        assert entry["MESSAGE"] == "one\ntwo żółw"
        assert (entry["PRIORITY"], entry["STEADYHAND_KIND"]) == ("3", "intruder")
        assert json.loads(entry["STEADYHAND_OCSF"])["metadata"]["uid"] == entry["STEADYHAND_EVENT_ID"]
