"""Inside the machine: a receiver of signed alerts, `python3 receiver.py SECRET FILE`, at http://127.0.0.1:8899/hook.

Checks each signature as Standard Webhooks has it, with nothing of Steadyhand's, and appends what arrived to FILE.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Receiver(BaseHTTPRequestHandler):
    """Takes what is signed, and refuses everything else."""

    def do_POST(self) -> None:
        """One alert, or an empty check of the connection."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        signed = (
            ".".join((self.headers["webhook-id"], self.headers["webhook-timestamp"])).encode() + b"." + body
        )
        secret = base64.b64decode(Path(sys.argv[1]).read_text().strip().removeprefix("whsec_"))
        mine = "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
        if not hmac.compare_digest(mine, self.headers["webhook-signature"]):
            self.send_response(401)
        else:
            with Path(sys.argv[2]).open("a", encoding="utf-8") as arrived:
                arrived.write(json.dumps(json.loads(body)["data"]) + "\n")
            self.send_response(204)
        self.end_headers()


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", 8899), Receiver).serve_forever()
