"""X clients: the process behind a window, by the server's own word (the X-Resource extension)."""

from __future__ import annotations

from typing import Any


def client_pid(display: Any, window_id: int) -> int:
    """The process that made a window; 0 where the server does not tell, or the client is at another computer."""
    from Xlib.ext import res

    if not display.has_extension(res.extname):
        return 0
    ids = display.res_query_client_ids([{"client": window_id, "mask": res.LocalClientPIDMask}]).ids
    return int(ids[0].value[0]) if ids and ids[0].value else 0
