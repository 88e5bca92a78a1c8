"""Words and numbers of administrators' pages, in the language that a page is written in; no figure is made here."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import Final

from agent.language.language import ENGLISH, Language, mark

MODES = {"own": mark("own"), "cohort": mark("cohort")}
FOLDS = {
    "last": mark("the last of each person"),
    "half": mark("one half of each person's"),
    "all": mark("all of each person in turn"),
    "forward": mark("the later half of each person's, judged by the earlier ones"),
}
NAMES = {"balabit": "Balabit", "sapimouse": "SapiMouse"}
NOT_MEASURED = mark("not measured")
# As `decimal` has its context: a page is written by many small functions, and all of it is in one language.
_LANGUAGE: Final[ContextVar[Language]] = ContextVar("language of the page", default=ENGLISH)
# Between a number and its unit: no line breaks there.
NBSP = "\N{NO-BREAK SPACE}"


@contextmanager
def written_in(language: Language) -> Iterator[None]:
    """Within it, every wording is in `language`."""
    token = _LANGUAGE.set(language)
    try:
        yield
    finally:
        _LANGUAGE.reset(token)


def written(message: str, **fields: object) -> str:
    """`message` in the page's language, its ``{fields}`` filled in; a `Sentence` with its own."""
    language = _LANGUAGE.get()
    return language.text(message, **fields) if fields else language.render(message)


def counted(single: str, several: str, count: float) -> str:
    """The form that goes with `count`, its ``{n}`` filled in."""
    return _LANGUAGE.get().plural(single, several, count, n=short(count))


def day_in_words(day: date) -> str:
    """A day as the reader's country writes it."""
    return _LANGUAGE.get().date(day)


def short_day(day: date) -> str:
    """A day in figures."""
    return _LANGUAGE.get().short_date(day)


def language_code() -> str:
    """The page's language, as HTML's ``lang`` has it."""
    return _LANGUAGE.get().code


def separated(figure: str) -> str:
    """An English figure with the separators of the page's language."""
    return _LANGUAGE.get().separated(figure)


def not_measured() -> str:
    """What stands where there is no figure."""
    return written(NOT_MEASURED)


def percent(share: float | None, digits: int = 1) -> str:
    """A share as a percentage: ``0.1304`` is ``13.0 %``."""
    return not_measured() if share is None else separated(f"{100.0 * share:.{digits}f}{NBSP}%")


def number(figure: float | None, digits: int = 3) -> str:
    """A figure with a fixed number of decimals."""
    return not_measured() if figure is None else separated(f"{figure:,.{digits}f}")


def whole(count: int) -> str:
    """A count with separators: ``13,333``."""
    return separated(f"{count:,}")


def short(figure: float | None) -> str:
    """Three significant digits, without needless zeros, thousands separated: ``13,300``, ``0.5``, ``3``."""
    if figure is None:
        return not_measured()
    rounded = _significant(figure, 3)
    return separated(f"{rounded:,.0f}" if rounded == round(rounded) else f"{rounded:,.10f}".rstrip("0"))


def about(figure: float) -> str:
    """Two significant digits, for sentences: 13,333 is ``about 13,000``, 0 is ``none``."""
    return written("about {n}", n=rounded_two(figure)) if figure else written("none")


def rounded_two(figure: float) -> str:
    """Two significant digits: 13,333 is ``13,000``."""
    rounded = _significant(figure, 2)
    return separated(f"{rounded:,.0f}" if rounded >= 10.0 else f"{rounded:g}")


def lasting(seconds: float | None, never: str = mark("not found at all")) -> str:
    """A time in its natural units: ``45 s``, ``2 min 10 s``, ``3 h 5 min``; None is `never`."""
    if seconds is None:
        return written(never)
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
        return written("practically never")
    if share > 0.5:
        return percent(share, 0)
    odds = 1.0 / share
    if odds >= 1e6:
        return written("less than 1 in a million")
    return written("1 in {n}", n=separated(f"{_significant(odds, 2):,.0f}"))


def _significant(figure: float, digits: int) -> float:
    if figure == 0.0 or not math.isfinite(figure):
        return figure
    return round(figure, digits - 1 - math.floor(math.log10(abs(figure))))
