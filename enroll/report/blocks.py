"""Sections, tables and tiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from enroll.report.markup import Markup, element


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure that everybody should see."""

    name: str
    figure: str
    about: str


def section(title: str, *parts: Markup, ident: str | None = None) -> Markup:
    """A part of the report with its heading."""
    return element("section", element("h2", title), *parts, id=ident)


def paragraph(text: str, kind: str | None = None) -> Markup:
    """Words."""
    return element("p", text, class_=kind)


def bullets(texts: Sequence[str]) -> Markup:
    """A list."""
    return element("ul", *(element("li", text) for text in texts))


def tiles(items: Sequence[Tile]) -> Markup:
    """Figures side by side."""
    return element("dl", *(_tile(tile) for tile in items), class_="tiles")


def table(
    caption: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    worst_first: bool = False,
    text: bool = False,
) -> Markup:
    """A table with a caption; the first cell of every row is its heading. `text`: cells hold words."""
    kind = "text" if text else None
    # A corner without a name is no heading.
    top = element("tr", *(element("th", name, scope="col") if name else element("td") for name in head))
    body = [
        element(
            "tr",
            element("th", row[0], scope="row"),
            *(element("td", cell) for cell in row[1:]),
            class_="worst" if worst_first and not number else None,
        )
        for number, row in enumerate(rows)
    ]
    body_table = element(
        "table", element("caption", caption), element("thead", top), element("tbody", *body), class_=kind
    )
    # Wide tables scroll on small screens; the region can be reached by keyboard.
    return element("div", body_table, class_="scroll", role="region", tabindex="0", aria_label=caption)


def _tile(tile: Tile) -> Markup:
    return element(
        "div",
        element("dt", tile.name),
        element("dd", tile.figure, class_="value"),
        element("dd", tile.about, class_="about"),
    )
