"""Visible text: makes characters that steer a terminal or reorder a line readable, wherever text is shown to people.

Names of mice, users, hosts and files come from outside. Printed as they are, a name could set a terminal's title, begin
a line of its own, or run backwards (Unicode Technical Report 36, section 2.5).
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from typing import Final

_INVISIBLE: Final = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""General categories: controls, formats (marks of direction among them), unpaired surrogates, separators of lines."""

_MARKUP: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_QUOTED: Final = _MARKUP | str.maketrans({'"': "&quot;", "'": "&#x27;"})


def visible(text: str, *, keep: str = "") -> str:
    r"""`text` with every invisible or steering character as JSON would escape it, such as ``\u001b`` or ``\n``.

    Within a JSON document the escape means the same character, so that nothing is lost there. What comes out is
    printable, can be encoded as UTF-8, and does not change when it is made visible again.

    Parameters
    ----------
    text : str
    keep : str
        Characters that stay as they are: the line ends of a text of several lines.
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character in keep or unicodedata.category(character) not in _INVISIBLE
        else json.dumps(character)[1:-1]
        for character in text
    )


def visible_lines(lines: Iterable[str]) -> str:
    """`lines` as one text in which each of them stays a line, whatever names it holds."""
    return "\n".join(map(visible, lines))


def visible_markup(text: str, *, quotes: bool = True) -> str:
    """`text` made visible, as HTML or a notification's markup; `quotes` as well where it stands in an attribute.

    As `html.escape`, whose module brings the table of all entities along: half a megabyte in the agent.
    """
    return visible(text).translate(_QUOTED if quotes else _MARKUP)
