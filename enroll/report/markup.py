"""HTML and SVG elements as text. Plain strings are escaped, `Markup` is not: there is no third way in."""

from __future__ import annotations

import html
from collections.abc import Iterable

from agent.engine.visible_text import visible

_LAYOUT = "\n\t"
VOID = frozenset({"meta", "br", "hr"})


class Markup(str):
    """Text that is already HTML."""

    __slots__ = ()


def element(tag: str, *children: str, **attributes: str | float | None) -> Markup:
    """One element with its children.

    Parameters
    ----------
    tag : str
    *children : str
        Escaped, unless they are `Markup`.
    **attributes : str, float or None
        ``class_`` is ``class`` and ``_`` is ``-``; numbers are rounded to 2 decimals; None is left out.

    Raises
    ------
    ValueError
        If a number is not finite: a picture must not hide that there is no figure.
    """
    attribute_text = "".join(
        f' {_name(key)}="{html.escape(_plain(_value(content)))}"'
        for key, content in attributes.items()
        if content is not None
    )
    if tag in VOID:
        return Markup(f"<{tag}{attribute_text}>")
    return Markup(f"<{tag}{attribute_text}>{join(children)}</{tag}>")


def join(parts: Iterable[str]) -> Markup:
    """Elements and texts, one after the other."""
    return Markup("".join(p if isinstance(p, Markup) else html.escape(_plain(p), quote=False) for p in parts))


def _plain(text: str) -> str:
    return visible(text, keep=_LAYOUT)


def _name(key: str) -> str:
    # viewBox and the like keep their capitals: HTML's parser knows the names of SVG.
    return key.rstrip("_").replace("_", "-")


def _value(content: str | float) -> str:
    if isinstance(content, str):
        return content
    text = f"{content:.2f}"
    if text in ("nan", "inf", "-inf"):
        raise ValueError(f"{content} in a picture")
    return text.rstrip("0").rstrip(".") if "." in text else text
