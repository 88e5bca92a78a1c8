"""Language: translates the sentences of screens, and writes numbers as the reader's country does.

Alerts, logs, JSON, commands and status files stay English: what a machine reads has one form. Sentences are templates
with named fields, translated by gettext (GNU gettext manual, section 11) from
``catalogues/CODE/LC_MESSAGES/steadyhand.mo``, which `docs/make_catalogues.py` compiles from the ``.po`` beside it.
"""

from __future__ import annotations

import datetime
import gettext
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.engine.sentence import Field, Sentence, fill

DOMAIN: Final = "steadyhand"
CATALOGUES: Final = Path(__file__).with_name("catalogues")
_VARIABLES: Final = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def mark(message: str) -> str:
    """Name a sentence for the catalogue where it is kept and not yet shown; returns it as it is."""
    return message


MONTHS: Final = (
    *(mark("January"), mark("February"), mark("March"), mark("April"), mark("May"), mark("June")),
    *(mark("July"), mark("August"), mark("September"), mark("October"), mark("November"), mark("December")),
)


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """One language, and how numbers are written in it.

    Attributes
    ----------
    code : str
        As HTML's ``lang`` has it.
    catalogue : gettext.NullTranslations
    """

    code: str
    catalogue: gettext.NullTranslations

    @property
    def is_reviewed(self) -> bool:
        """True if somebody who speaks the language has read all of the catalogue; English is what was written."""
        # Translators: the name of whoever read all of this, in place of "nobody".
        return (
            self.code == "en"
            or self.catalogue.pgettext("who reviewed this translation", "nobody") != "nobody"
        )

    def text(self, message: str, **fields: object) -> str:
        """`message` in this language, its ``{fields}`` filled in; empty stays empty."""
        # For an empty text gettext returns the catalogue's own head.
        translated = self.catalogue.gettext(message) if message else ""
        return translated.format(**fields) if fields else translated

    def render(self, line: str) -> str:
        """A `Sentence` in this language, its fields too; any other text by the catalogue, or as it is."""
        if not isinstance(line, Sentence):
            return self.text(line)
        return fill(self.text(line.template), line.fields, self._field)

    def knows(self, line: str) -> bool:
        """True where `render` gives this language: a text from elsewhere stays English."""
        template = line.template if isinstance(line, Sentence) else line
        return self.code == "en" or not line or self.catalogue.gettext(template) != template

    def _field(self, field: Field) -> str:
        if isinstance(field, str):
            return self.render(field) if isinstance(field, Sentence) else field
        if isinstance(field, datetime.date):
            return self.date(field)
        return self.number(field, 0 if isinstance(field, int) else 1)

    def date(self, day: datetime.date) -> str:
        """A day with its month in words."""
        # Translators: how a date is written.
        form = self.catalogue.pgettext("date", "{day} {month} {year}")
        return form.format(day=day.day, month=self.text(MONTHS[day.month - 1]), year=day.year)

    def short_date(self, day: datetime.date) -> str:
        """A day in figures."""
        # Translators: how a date is written in figures.
        form = self.catalogue.pgettext("date in figures", "{year}-{month:02}-{day:02}")
        return form.format(day=day.day, month=day.month, year=day.year)

    def plural(self, single: str, several: str, count: float, **fields: object) -> str:
        """The form that goes with `count`, its ``{fields}`` filled in; English takes `single` for exactly 1."""
        # gettext's rules are for whole numbers: what is not one takes the form of many.
        whole = int(count) if float(count).is_integer() else 2
        return self.catalogue.ngettext(single, several, whole).format(**fields)

    def number(self, amount: float, digits: int = 0) -> str:
        """`amount` with separators of this language; `digits` after the decimal separator."""
        return self.separated(f"{amount:,.{digits}f}")

    def separated(self, figure: str) -> str:
        """A figure that is written as in English, with the separators of this language."""
        # Translators: the separator of thousands, and that of decimals.
        thousands = self.catalogue.pgettext("separator of thousands", ",")
        decimals = self.catalogue.pgettext("decimal separator", ".")
        return figure.translate({ord(","): thousands, ord("."): decimals})

    def percent(self, share: float) -> str:
        """A share of 0-1 as whole per cent."""
        return f"{self.number(100 * share)} %"


ENGLISH: Final = Language("en", gettext.NullTranslations())


def language_named(*codes: str) -> Language:
    """The first of `codes` (such as ``de_AT.UTF-8`` or ``de``) that there is a catalogue for; English without one."""
    for code in codes:
        plain = code.split(".")[0].split("@")[0].replace("-", "_")
        if plain.split("_")[0] in ("en", "C", "POSIX"):
            return ENGLISH
        # gettext itself goes from a country's form to the language's.
        if plain and (file := gettext.find(DOMAIN, CATALOGUES, [plain])):
            name = Path(file).parents[1].name
            return Language(name.replace("_", "-"), gettext.translation(DOMAIN, CATALOGUES, [name]))
    return ENGLISH


def language_codes() -> tuple[str, ...]:
    """Every language that there is, English first."""
    translated_codes = sorted(path.parents[1].name for path in CATALOGUES.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return ("en", *translated_codes)


def preferred_language(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Language:
    """The language of the person's session. It says how things are written, never who somebody is."""
    codes = [code for name in _VARIABLES for code in environment.get(name, "").split(":") if code]
    if not codes and platform == "win32":
        codes = [_windows_language()]
    return language_named(*codes)


def _windows_language() -> str:
    """The display language of Windows (GetUserDefaultUILanguage), as a POSIX name; empty where it is not known."""
    import ctypes
    import locale

    number = ctypes.windll.kernel32.GetUserDefaultUILanguage()  # type: ignore[attr-defined,unused-ignore]
    return locale.windows_locale.get(number, "")
