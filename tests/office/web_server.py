"""nginx as an administrator sets it up: HTTPS with client certificates, the published folder, and a place to PUT."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import trustme

from agent.config.schema import CentralSettings

CONFIGURATION = """
daemon off;
pid {run}/nginx.pid;
error_log {run}/error.log info;
{user}
events {{ worker_connections 64; }}
http {{
    access_log {run}/access.log;
    client_body_temp_path {run}/body;
    proxy_temp_path {run}/proxy;
    fastcgi_temp_path {run}/fastcgi;
    uwsgi_temp_path {run}/uwsgi;
    scgi_temp_path {run}/scgi;
    {etag}
    server {{
        listen 127.0.0.1:{port} ssl;
        server_name localhost;
        ssl_certificate {run}/server.pem;
        ssl_certificate_key {run}/server.pem;
        ssl_client_certificate {run}/ca.pem;
        ssl_verify_client on;
        location /steadyhand/ {{ alias {published}/; }}
        location /in/ {{
            alias {inbox}/;
            dav_methods PUT;
            limit_except PUT {{ deny all; }}
        }}
    }}
}}
"""


@dataclass
class WebServer:
    """A running nginx."""

    process: subprocess.Popen[bytes]
    run: Path
    port: int

    @property
    def central(self) -> CentralSettings:
        """What policy says to agents."""
        base = f"https://localhost:{self.port}"
        return CentralSettings(
            folder_url=f"{base}/steadyhand",
            recordings_url=f"{base}/in",
            ca_file=str(self.run / "ca.pem"),
            cert_file=str(self.run / "desk.pem"),
            key_file=str(self.run / "desk.pem"),
        )

    def requests(self) -> list[str]:
        """Lines of its access log."""
        return (self.run / "access.log").read_text().splitlines()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def nginx() -> str | None:
    """The program; None where it is not installed."""
    return shutil.which("nginx") or next(
        (path for path in ("/usr/sbin/nginx",) if os.access(path, os.X_OK)), None
    )


def serve(published: Path, inbox: Path, run: Path, *, etag: bool = True) -> WebServer:
    """Start nginx; its workers run as nobody where root starts it, as a packaged one does."""
    program = nginx()
    assert program
    run.mkdir(parents=True)
    inbox.mkdir(exist_ok=True)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(run / "ca.pem")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(run / "server.pem")
    desk = run / "desk.pem"
    authority.issue_cert("desk-7").private_key_and_cert_chain_pem.write_to_path(desk)
    desk.chmod(0o600)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    is_root = os.geteuid() == 0
    if is_root:
        shutil.chown(inbox, "nobody")
    text = CONFIGURATION.format(
        run=run,
        user="user nobody nogroup;" if is_root else "",
        etag="" if etag else "etag off;",
        port=port,
        published=published,
        inbox=inbox,
    )
    (run / "nginx.conf").write_text(text)
    command = [program, "-p", str(run), "-c", str(run / "nginx.conf"), "-e", str(run / "error.log")]
    process = subprocess.Popen(command)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return WebServer(process, run, port)
        except OSError:
            assert process.poll() is None, (run / "error.log").read_text()
            time.sleep(0.05)
    raise AssertionError("nginx did not start")
