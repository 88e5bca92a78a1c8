"""Catalogues of the screens' sentences: extracts what code names, updates every language, compiles what gettext reads.

``python docs/make_catalogues.py`` rewrites ``agent/language/catalogues``; with ``--check`` it only says what is not as
it would be written, or not translated. A new language is one file: ``catalogues/CODE/LC_MESSAGES/steadyhand.po``.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from agent.alerts.titles import TITLES
from agent.engine.mouse import IDENTITY, SETTING, Source
from agent.engine.mouse_differences import DIFFERENCE_TEMPLATES
from agent.engine.reasons import GROUPS, SIZES, group_line, own_line
from agent.engine.signature import UNITS
from agent.host.api import LockResult
from agent.language.language import CATALOGUES, DOMAIN

ROOT: Final = Path(__file__).resolve().parents[1]
KEYWORDS: Final = {
    **dict.fromkeys(("text", "mark", "sentence", "written"), None),
    **dict.fromkeys(("plural", "counted"), (1, 2)),
    "pgettext": ((1, "c"), 2),
}
# What code puts into sentences by its name, and what names no file that says so.
NAMED: Final = (
    *(name.replace("_", " ") for name in (*IDENTITY, *SETTING)),
    *DIFFERENCE_TEMPLATES.values(),
    *(source.value for source in Source),
    *(measure for measure, _, _ in UNITS),
    *("yes", "no", "unknown", "CPI", "report rate"),
)


def template() -> Catalog:
    """Every sentence that a screen may show, in the order of the files."""
    catalogue = Catalog(project="Steadyhand", charset="utf-8", fuzzy=False)
    for file in sorted(file for folder in ("agent", "enroll") for file in (ROOT / folder).rglob("*.py")):
        # `text` means other things to those who do not speak to people.
        text = file.read_text(encoding="utf-8")
        if (
            not any(
                home in text for home in ("agent.language", "agent.engine.sentence", "enroll.report.words")
            )
            and file.parent.name != "language"
        ):
            continue
        if lines := sorted(set(hidden(file))):
            raise SystemExit(
                f"{file.relative_to(ROOT)}: a sentence in an f-string, line {lines[0]}: give it a name first"
            )
        with file.open("rb") as code:
            for _line, message, comments, context in extract("python", code, keywords=KEYWORDS):
                place = (file.relative_to(ROOT).as_posix(), 0)
                catalogue.add(message, locations=[place], auto_comments=comments, context=context)
    for name in NAMED:
        catalogue.add(name, locations=[("agent/engine/mouse.py", 0)])
    for title in TITLES.values():
        catalogue.add(title, locations=[("agent/alerts/ocsf.py", 0)])
    for outcome in LockResult:
        catalogue.add(outcome.value, locations=[("agent/host/api.py", 0)])
    for group in GROUPS:
        for size in SIZES:
            catalogue.add(own_line(group_line(group, size)), locations=[("agent/engine/reasons.py", 0)])
    return catalogue


def hidden(file: Path) -> Iterator[int]:
    """Lines with a sentence inside an f-string, where Python before 3.12 has one token and no sentence is found."""
    for joined in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        for call in ast.walk(joined) if isinstance(joined, ast.JoinedStr) else ():
            if not isinstance(call, ast.Call) or not call.args:
                continue
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            first = call.args[0]
            if name in KEYWORDS and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield call.lineno


def updated(path: Path, source: Catalog) -> Catalog:
    """The catalogue of `path` with the sentences of today: what is gone is dropped, what is new has no translation."""
    with path.open("rb") as file:
        catalogue = read_po(file)
    catalogue.update(source, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def as_po(catalogue: Catalog) -> bytes:
    """The text that people edit."""
    out = io.BytesIO()
    write_po(out, catalogue, width=110, omit_header=False, sort_output=False)
    return out.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """What gettext reads."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def untranslated(catalogue: Catalog) -> Iterator[str]:
    """The sentences without a translation."""
    for message in catalogue:
        texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if message.id and not all(texts):
            yield str(message.id)


def main(arguments: list[str]) -> int:
    """Exit code 1 where `--check` finds something to do."""
    source, wrong = template(), False
    for path in sorted(CATALOGUES.glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
        catalogue = updated(path, source)
        texts = {path: as_po(catalogue), path.with_suffix(".mo"): as_mo(catalogue)}
        for missing in untranslated(catalogue):
            sys.stdout.write(f"{path.relative_to(ROOT)}: not translated: {missing}\n")
            wrong = True
        for file, text in texts.items():
            stale = not file.exists() or file.read_bytes() != text
            if stale and "--check" in arguments:
                sys.stdout.write(
                    f"{file.relative_to(ROOT)} is not what the code names: python docs/make_catalogues.py\n"
                )
                wrong = True
            elif stale:
                file.write_bytes(text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
