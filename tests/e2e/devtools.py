"""A headless Chromium driven through a pipe: another size, forced colours, reduced motion, and keys typed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.browser import flags

KEYS = {"Tab": 9, "Enter": 13, " ": 32}


class Tab:
    """One page in the browser (Chrome DevTools Protocol 1.3)."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, os.fdopen(from_browser, "rb", buffering=0)
        self._rest = b""
        self._number = 0
        self._session = ""
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._ask("Page.enable")

    def open(self, page: Path, width_px: int, **media: str) -> None:
        """Show the file `page`; `media` are features such as ``forced_colors="active"``."""
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=width_px,
            height=900,
            deviceScaleFactor=1,
            mobile=False,
        )
        features = [{"name": name.replace("_", "-"), "value": state} for name, state in media.items()]
        self._ask("Emulation.setEmulatedMedia", features=features)
        self._ask("Page.navigate", url=page.absolute().as_uri())
        self._wait("Page.loadEventFired")

    def run(self, script: str) -> Any:
        """What an expression comes to."""
        answer = self._ask("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release a key, or type a letter."""
        code = KEYS.get(key, ord(key[0].upper()))
        text = {"Enter": "\r", "Tab": ""}.get(key, key)
        known = {"key": key, "windowsVirtualKeyCode": code}
        self._ask("Input.dispatchKeyEvent", type="keyDown", **known, **({"text": text} if text else {}))
        self._ask("Input.dispatchKeyEvent", type="keyUp", **known)

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        call: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            call["sessionId"] = self._session
        os.write(self._to, json.dumps(call).encode() + b"\0")
        while (message := self._next()).get("id") != self._number:
            pass
        assert "error" not in message, message
        answer: dict[str, Any] = message["result"]
        return answer

    def _wait(self, event: str) -> None:
        while self._next().get("method") != event:
            pass

    def _next(self) -> Mapping[str, Any]:
        while b"\0" not in self._rest:
            piece = self._from.read(1 << 16)
            assert piece, "the browser is gone"
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\0")
        message: Mapping[str, Any] = json.loads(line)
        return message


@contextmanager
def browser_tab(folder: Path) -> Iterator[Tab]:
    """A browser with one tab for as long as the block lasts."""
    for_browser, to_browser = os.pipe()
    from_browser, by_browser = os.pipe()
    words = ("chromium", "--headless", *flags(folder / "profile"), "--remote-debugging-pipe")
    # The browser reads its number 3 and writes its number 4.
    shell = ("bash", "-c", f'exec "$@" 3<&{for_browser} 4>&{by_browser}', "bash", *words)
    with (folder / "chromium.log").open("wb") as log:
        process = subprocess.Popen(
            shell,
            pass_fds=(for_browser, by_browser),
            stdout=log,
            stderr=log,
            env={**os.environ, "HOME": str(folder)},
        )
    os.close(for_browser)
    os.close(by_browser)
    try:
        yield Tab(to_browser, from_browser)
    finally:
        process.terminate()
        process.wait(10)
        os.close(to_browser)
