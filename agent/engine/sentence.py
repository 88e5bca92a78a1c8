"""Sentences: English text that remembers its template and fields, so that a screen can say it in another language.

Alerts, logs and status files have the English. A screen takes template and fields and has its catalogue translate them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

Field = str | int | float | date
_FIELD: Final = re.compile(r"\{(\w+)\}")
_MOST_DEPTH: Final = 4
_MOST_FIELDS: Final = 32


class Sentence(str):
    """One sentence in English. It is a `str`; what is joined to it or cut from it is an ordinary one.

    Attributes
    ----------
    template : str
        With ``{fields}``; what catalogues translate.
    fields : mapping of str to Field
        Texts stay as they are; numbers and dates are written as the reader's country does; sentences are translated.
    """

    template: str
    fields: Mapping[str, Field]

    def __new__(
        cls, english: str, template: str = "", fields: Mapping[str, Field] = MappingProxyType({})
    ) -> Sentence:
        made = super().__new__(cls, english)
        made.template = template or english
        made.fields = MappingProxyType(dict(fields))
        return made

    def __deepcopy__(self, _memo: object) -> Sentence:
        """Immutable: a copy is itself."""
        return self

    def to_json(self) -> dict[str, Any]:
        """Template and fields as plain values."""
        return {"template": self.template, "fields": {n: _plain(f) for n, f in self.fields.items()}}

    @classmethod
    def from_json(cls, document: Any, depth: int = 0) -> Sentence:
        """Read what `to_json` wrote.

        Raises
        ------
        ValueError
            If it is anything else, or nested too deeply.
        """
        if not isinstance(document, dict) or set(document) != {"template", "fields"} or depth > _MOST_DEPTH:
            raise ValueError("sentence: not the keys template, fields, or nested too deeply")
        template, fields = document["template"], document["fields"]
        if not isinstance(template, str) or not isinstance(fields, dict) or len(fields) > _MOST_FIELDS:
            raise ValueError("sentence: template is no text, or fields are no object")
        return sentence(template, **{str(name): _read(field, depth) for name, field in fields.items()})


def sentence(template: str, **fields: Field) -> Sentence:
    """The sentence that `template` makes with `fields`; catalogues have `template`."""
    return Sentence(fill(template, fields, english_field), template, fields)


def joined(*parts: str, separator: str = "; ") -> Sentence:
    """Several texts as one, each translated by itself."""
    fields = {f"part{number}": part for number, part in enumerate(parts)}
    return sentence(separator.join(f"{{{name}}}" for name in fields), **fields)


def fill(template: str, fields: Mapping[str, Field], written: Callable[[Field], str]) -> str:
    """`template` with its ``{fields}`` written; braces around anything else stay."""
    return _FIELD.sub(lambda name: written(fields[name[1]]) if name[1] in fields else name[0], template)


def quantity(count: float, single: str, several: str = "", form: str = "") -> str:
    """A number and what is counted, in English: ``1 alert``, ``2 alerts``. Screens in other languages have gettext.

    Parameters
    ----------
    count : float
    single : str
        The words after exactly 1, as it is written.
    several : str, optional
        Those after any other number; `single` and an s where it is left out.
    form : str, optional
        How the number is written, as `format` takes it.
    """
    written = format(count, form)
    return f"{written} {single if written == '1' else several or single + 's'}"


def english_field(field: Field) -> str:
    """A field as English writes it."""
    if isinstance(field, str):
        return field
    if isinstance(field, date):
        return f"{field.day} {field:%B} {field.year}"
    return f"{field:,}" if isinstance(field, int) else f"{field:,.1f}"


def _plain(field: Field) -> Any:
    if isinstance(field, Sentence):
        return field.to_json()
    return {"date": field.isoformat()[:10]} if isinstance(field, date) else field


def _read(field: Any, depth: int) -> Field:
    if isinstance(field, str | int | float):
        return field
    if isinstance(field, dict) and set(field) == {"date"}:
        return date.fromisoformat(str(field["date"]))
    return Sentence.from_json(field, depth + 1)
