"""Numbers as people read them. Pure; no figure is made here, only its wording."""

from __future__ import annotations

import math

NOT_MEASURED = "not measured"
# Between a number and its unit: no line breaks there.
NBSP = "\N{NO-BREAK SPACE}"


def percent(share: float | None, digits: int = 1) -> str:
    """A share as a percentage: ``0.1304`` is ``13.0 %``."""
    return NOT_MEASURED if share is None else f"{100.0 * share:.{digits}f}{NBSP}%"


def number(figure: float | None, digits: int = 3) -> str:
    """A figure with a fixed number of decimals."""
    return NOT_MEASURED if figure is None else f"{figure:,.{digits}f}"


def short(figure: float | None) -> str:
    """Three significant digits, without needless zeros, thousands separated: ``13,300``, ``0.5``, ``3``."""
    if figure is None:
        return NOT_MEASURED
    rounded = _significant(figure, 3)
    return f"{rounded:,.0f}" if rounded == round(rounded) else f"{rounded:,.10f}".rstrip("0")


def about(figure: float) -> str:
    """Two significant digits, for sentences: 13,333 is ``about 13,000``, 0 is ``none``."""
    if figure == 0.0:
        return "none"
    rounded = _significant(figure, 2)
    return "about " + (f"{rounded:,.0f}" if rounded >= 10.0 else f"{rounded:g}")


def counted(count: float, singular: str, plural: str | None = None) -> str:
    """A count with its noun: ``1 lock``, ``2 locks``."""
    return f"{short(count)} {singular if count == 1 else plural or singular + 's'}"


def lasting(seconds: float | None, never: str = "not found at all") -> str:
    """A time in its natural units: ``45 s``, ``2 min 10 s``, ``3 h 5 min``; None is `never`."""
    if seconds is None:
        return never
    whole = round(seconds)
    if whole < 60:
        return f"{whole}{NBSP}s"
    large, small, names = (
        (*divmod(whole, 60), "min s") if whole < 3600 else (*divmod(whole // 60, 60), "h min")
    )
    first, second = names.split()
    return f"{large}{NBSP}{first} {small}{NBSP}{second}" if small else f"{large}{NBSP}{first}"


def one_in(share: float) -> str:
    """A small chance in words: ``0.0123`` is ``1 in 81``; anything from a half on is a percentage."""
    if share <= 0.0:
        return "practically never"
    if share > 0.5:
        return percent(share, 0)
    odds = 1.0 / share
    return f"1 in {_significant(odds, 2):,.0f}" if odds < 1e6 else "less than 1 in a million"


def _significant(figure: float, digits: int) -> float:
    if figure == 0.0 or not math.isfinite(figure):
        return figure
    return round(figure, digits - 1 - math.floor(math.log10(abs(figure))))
