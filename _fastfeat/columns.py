"""Generator of the kernel's column numbers and the reference page from the schema.

``python -m _fastfeat.columns pxd`` prints ``_fastfeat/_columns.pxd``, ``… page`` prints ``docs/features.md``;
the tests say when one of the two files is out of date.
"""

from __future__ import annotations

import sys
from itertools import groupby

from _fastfeat import schema, schema_windows


def columns() -> str:
    """The Cython enumeration of the columns: ``C_`` and the feature's name, in the schema's order."""
    names = (f"    C_{name.upper()}" for name in schema.FEATURES)
    head = ("# Column numbers of the features; written by `python -m _fastfeat.columns pxd`.", "cdef enum:")
    # The count stands behind the last column; the fingerprint tells a kernel of another order of as many columns.
    tail = ("    C_COUNT", f"    C_FINGERPRINT = {schema.fingerprint()}", "")
    return "\n".join((*head, *names, *tail))


def page() -> str:
    """The reference page: segmentation and notation, then one table a group, then the windows."""
    parts = ["# Features", "", _intro(), "", *_rules(schema.__doc__)]
    ordered = sorted(schema.SCHEMA, key=lambda f: schema.GROUPS.index(f.group))
    for group, features in groupby(ordered, key=lambda f: f.group):
        parts += [f"## {group.capitalize()}", "", "| feature | unit | definition | NaN | kinds | source |"]
        parts += ["|---|---|---|---|---|---|", *(_line(f) for f in features), ""]
    parts += ["## Windows", "", _window_intro(), "", *_rules(schema_windows.__doc__)]
    parts += ["| feature | unit | definition | NaN | source |", "|---|---|---|---|---|"]
    return "\n".join((*parts, *(_line(f, kinds=False) for f in schema_windows.WINDOW_SCHEMA), ""))


def _rules(docstring: str | None) -> list[str]:
    return ["```text", (docstring or "").split("\n\n", 1)[1].rstrip(), "```", ""]


def _intro() -> str:
    sensitive = sum(f.configuration_sensitive for f in schema.SCHEMA)
    return (
        f"{len(schema.SCHEMA)} features of one action. {sensitive} of them mostly tell the mouse and the way "
        "of capture and are marked *device*. No feature holds a position on the screen or the screen's size. "
        "A value that is undefined is NaN, by the rule in the table. This page is written by "
        "`python -m _fastfeat.columns page` from `_fastfeat/schema.py`."
    )


def _window_intro() -> str:
    return (
        f"{len(schema_windows.WINDOW_SCHEMA)} features of the last N actions, by `WindowFeatures(size)`: one row "
        "for every new action, from the feature rows alone. A value that is undefined is NaN."
    )


def _line(feature: schema.Feature, *, kinds: bool = True) -> str:
    cells = (
        f"`{feature.name}`" + (" *device*" if feature.configuration_sensitive else ""),
        feature.unit,
        feature.definition.replace("|", "\\|"),
        feature.undefined,
        *([feature.kinds] if kinds else []),
        feature.source,
    )
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Print what the first argument names."""
    sys.stdout.write({"pxd": columns, "page": page}[sys.argv[1]]())


if __name__ == "__main__":
    main()
