"""Programs of an attacker against the relay's socket, as scripts that run under an account of their own."""

from __future__ import annotations

from typing import Final

_HEAD: Final = """
import json, os, random, socket, sys, time, uuid
PATH, SECONDS = sys.argv[1], float(sys.argv[2])
END = time.monotonic() + SECONDS
RNG = random.Random(7)

def alert(**changes):
    fields = {"form": 1, "finding_id": str(uuid.uuid4()), "record_id": str(uuid.uuid4()), "kind": "intruder",
        "activity": 1, "severity": 5, "time_unix_ns": 1, "user": "ceo", "host": "h", "message": "m" * 2000,
        "reasons": [], "detail": {}}
    return json.dumps(fields | changes).encode()

def opened():
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.settimeout(2)
    connection.connect(PATH)
    return connection
"""

CONNECTION_STORM: Final = (
    _HEAD
    + """
# Opens connections as fast as it can; some it keeps, some it closes at once, none says anything.
kept, count = [], 0
while time.monotonic() < END:
    try:
        kept.append(opened())
        count += 1
    except OSError:
        time.sleep(0.001)
    if len(kept) > 200:
        RNG.shuffle(kept)
        while len(kept) > 100:
            kept.pop().close()
print(count)
"""
)

PACKET_STORM: Final = (
    _HEAD
    + """
# Garbage of every kind, answers never read, connections dropped at any moment.
whole = alert()
hostile = [b"{", b"[" * 16000, b"\\xff" * 16384, b"x" * 60000, whole[:300], b"null",
    alert(time_unix_ns=10**19), alert(record_id="a\\r\\nX-Evil: 1"), alert(severity=True), alert(form=2),
    whole.replace(b'"detail": {}', b'"detail": {"a": 1e999}'), whole.replace(b'"user": "ceo"', b'"user": "\\\\ud800"'),
    whole.replace(b'"detail": {}', b'"detail": ' + b'{"a":' * 60 + b"1" + b"}" * 60)]
count = 0
while time.monotonic() < END:
    try:
        with opened() as connection:
            for _ in range(RNG.randrange(1, 6)):
                packet = bytearray(RNG.choice(hostile))
                if RNG.random() < 0.5:
                    for _ in range(4):
                        packet[RNG.randrange(len(packet))] = RNG.randrange(256)
                connection.send(bytes(packet))
                count += 1
                if RNG.random() < 0.5:
                    connection.recv(4096)
    except OSError:
        pass
print(count)
"""
)

ALERT_STORM: Final = (
    _HEAD
    + """
# Valid alerts, all critical, each process beyond its account's share.
# A slow disk takes longer to use the share up.
taken = refused = 0
while time.monotonic() < END or (not refused and time.monotonic() < END + 60):
    try:
        with opened() as connection:
            for _ in range(20):
                connection.send(alert())
                answer = json.loads(connection.recv(4096))
                taken, refused = taken + ("taken" in answer), refused + ("refused" in answer)
    except OSError:
        time.sleep(0.01)
print(json.dumps([taken, refused]))
"""
)

PROBE: Final = """
# Somebody else's agent: one alert after the other over the agent's own link, each taken or not, and after how long.
import json, sys, time, uuid
from pathlib import Path
from agent.alerts.alert import Activity, Alert, AlertKind, Severity
from agent.alerts.api import Record
from agent.alerts.transports.relay_link import RelayLink
link, end_s = RelayLink(Path(sys.argv[1])), time.monotonic() + float(sys.argv[2])
longest_s, taken, failed = 0.0, [], []
while time.monotonic() < end_s:
    record, began_s = str(uuid.uuid4()), time.monotonic()
    alert = Alert("f", record, AlertKind.INTRUDER, Activity.CREATE, Severity.LOW, 1, "u", "h", "probe")
    sent = link.send([Record("s", 1, alert)])
    longest_s = max(longest_s, time.monotonic() - began_s)
    if sent.accepted:
        taken.append(record)
    else:
        failed.append(sent.detail)
    time.sleep(0.7)
print(json.dumps({"longest_s": longest_s, "taken": taken, "failed": failed}))
"""
