"""Figures in a page of docs/, between two marks that name them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agent.engine.errors import SteadyhandError


def fill(page: Path, name: str, lines: Sequence[str]) -> None:
    """Put `lines` between ``<!-- figures: NAME -->`` and ``<!-- end: NAME -->``.

    Raises
    ------
    SteadyhandError
        If the page has not both marks, once.
    """
    begin, end = f"<!-- figures: {name} -->", f"<!-- end: {name} -->"
    text = page.read_text(encoding="utf-8")
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise SteadyhandError(f"{page} has not the marks {begin} and {end}", "put them in, once")
    before, rest = text.split(begin)
    after = rest.split(end)[1]
    body = "\n".join(lines)
    page.write_text(f"{before}{begin}\n{body}\n{end}{after}", encoding="utf-8")
