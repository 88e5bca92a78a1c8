"""Puts the transcript of `make office-test` into docs/administrator.md."""

from __future__ import annotations

import platform
import re
import sys
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "administrator.md"
BEGIN, END = "<!-- transcript:begin -->\n", "<!-- transcript:end -->\n"
FENCE = '```console not-run="make office-test types it, against a web server and a SIEM"\n'


def main(transcript: Path) -> None:
    """Replace what stands between the marks."""
    text = transcript.read_text(encoding="utf-8").rstrip()
    text = re.sub(rf"\S+ on {re.escape(platform.node())}", "admin on office-pc", text)
    text = re.sub(r"\n\n… (\d+) lines more", r"\n… \1 lines more", text)
    before, rest = DOCUMENT.read_text(encoding="utf-8").split(BEGIN)
    DOCUMENT.write_text(
        before + BEGIN + FENCE + text + "\n```\n" + END + rest.split(END)[1], encoding="utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
