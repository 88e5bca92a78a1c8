"""A private syslog-ng, unpacked by packaging/debian/syslog_ng.sh: Debian does not install it beside rsyslog."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.rsyslog import Receiver

ROOT = Path(__file__).parents[2] / "build" / "syslog-ng"
MISSING = "" if (ROOT / "usr/sbin/syslog-ng").exists() else f"syslog-ng is not in {ROOT} (make setup)"

_CONFIG = """@version: 3.38
options {{ keep-hostname(yes); use-dns(no); threaded(no); flush-lines(0); stats-freq(0); }};
source alerts {{
    syslog(ip("127.0.0.1") port({port}) transport("tls") max-connections(20)
        tls(key-file("{folder}/server.key") cert-file("{folder}/server.pem") ca-file("{folder}/ca.pem")
            peer-verify(required-trusted)));
}};
destination received {{
    file("{folder}/received.jsonl" template("$(format-json pri=$PRI host=$HOST app=$PROGRAM msgid=$MSGID\
 event=${{.SDATA.steadyhand@32473.eventId}} msg=$MSG)\\n"));
}};
log {{ source(alerts); destination(received); flags(flow-control); }};
"""


@dataclass
class SyslogNg(Receiver):
    """syslog-ng as a foreground child."""

    def config(self) -> str:
        return _CONFIG.format(folder=self.folder, port=self.port)

    def command(self) -> list[str]:
        files = {
            "cfgfile": self.config_file,
            "persist-file": self.folder / "persist",
            "control": self.folder / "control",
            "pidfile": self.folder / "pid",
            "module-path": ROOT / "usr/lib/syslog-ng/3.38",
        }
        options = [f"--{name}={path}" for name, path in files.items()]
        return [str(ROOT / "usr/sbin/syslog-ng"), "--foreground", "--no-caps", "--stderr", *options]

    def environ(self) -> dict[str, str]:
        folders = [
            *ROOT.glob("usr/lib/*-linux-gnu"),
            *ROOT.glob("lib/*-linux-gnu"),
            ROOT / "usr/lib/syslog-ng",
        ]
        return {**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(map(str, folders))}

    def ids(self) -> list[str]:
        return [message["event"] for message in self.messages()]
