"""axe-core in a headless Chromium: what a page does that WCAG 2.2 AA forbids.

A page of the product forbids scripts, so its copy for the test is looked at without that rule.
"""

from __future__ import annotations

import html
import importlib.util
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.e2e.browser import flags

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """
axe.run(document, {runOnly: {type: "tag", values: %s}, resultTypes: ["violations"]}).then(report => {
  const out = document.createElement("pre");
  out.id = "axe-report";
  out.textContent = JSON.stringify({passes: report.passes.length, violations: report.violations});
  document.body.append(out);
});
"""


def missing_axe() -> str:
    """Why there is no axe here; empty where there is."""
    return (
        "" if importlib.util.find_spec("axe_playwright_python") else "axe-core is not installed: make setup"
    )


def violations(page: str, folder: Path, width_px: int = 820) -> list[str]:
    """A line for each rule that `page` breaks, with the first element that does.

    Raises
    ------
    AssertionError
        If axe did not run, or nothing passed.
    """
    report = _report(page, folder, width_px)
    assert report["passes"] > 5, "axe looked at hardly anything"
    return [
        f"{broken['id']} ({broken['impact']}): {broken['help']}: {broken['nodes'][0]['html'][:160]}"
        for broken in report["violations"]
    ]


def _report(page: str, folder: Path, width_px: int) -> dict[str, Any]:
    spec = importlib.util.find_spec("axe_playwright_python")
    assert spec is not None
    assert spec.submodule_search_locations
    axe = Path(next(iter(spec.submodule_search_locations)), "axe.min.js").read_text(encoding="utf-8")
    free = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    script = f"<script>{axe}</script><script>{_RUN % json.dumps(TAGS)}</script>"
    copy = folder / "page.html"
    copy.write_text(free.replace("</body>", f"{script}</body>"), encoding="utf-8")
    ran = subprocess.run(
        (
            "chromium",
            "--headless",
            *flags(folder / "profile"),
            f"--window-size={width_px},1200",
            "--virtual-time-budget=20000",
            "--dump-dom",
            copy.absolute().as_uri(),
        ),
        capture_output=True,
        text=True,
        timeout=90,
        env={**os.environ, "HOME": str(folder)},
        check=True,
    )
    found = re.search(r'<pre id="axe-report">(.*?)</pre>', ran.stdout, re.DOTALL)
    assert found is not None, "axe did not report"
    report: dict[str, Any] = json.loads(html.unescape(found[1]))
    return report
