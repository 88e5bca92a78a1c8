"""Writes docs/siem-queries.md: the Sigma rules of packaging/siem/sigma as queries of three products, by pySigma.

``make siem`` writes the page again after a change of a rule.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sigma.backends.elasticsearch import ESQLBackend
from sigma.backends.kusto import KustoBackend
from sigma.backends.splunk import SplunkBackend
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import FieldMappingTransformation

ROOT: Final = Path(__file__).parents[1]
RULES: Final = ROOT / "packaging" / "siem" / "sigma"
SILENCE: Final = ROOT / "packaging" / "siem" / "silence"
# Kusto's backend takes a name with a dot for a text: the columns get plain names first.
_KUSTO_COLUMNS: Final = {
    "unmapped.kind": ("kind", "tostring(unmapped.kind)"),
    "unmapped.end": ("end_of_run", "tostring(unmapped.end)"),
    "unmapped.answer": ("answer", "tostring(unmapped.answer)"),
    "unmapped.computer_restarted": ("computer_restarted", "tobool(unmapped.computer_restarted)"),
    "unmapped.authenticated": ("authenticated", "tobool(unmapped.authenticated)"),
}
_PRODUCTS: Final[tuple[tuple[str, str, Any], ...]] = (
    ("Splunk", "splunk.spl", SplunkBackend),
    ("Elastic (ES|QL)", "elastic.esql", ESQLBackend),
    ("Microsoft Sentinel (Kusto)", "sentinel.kql", lambda: KustoBackend(_kusto_columns())),
)
_HEAD: Final = """\
# Queries for SIEMs

<!-- Made by `make siem` from packaging/siem. It is longer than two screens because it is copied from, not read. -->

Made by pySigma from the rules in `packaging/siem/sigma`; [siem.md](siem.md) says what each is for. The rules themselves
are run in the tests on made-up streams of events, by pySigma's SQLite backend. The queries below are what its backends
for these products write: they were **not run**, since none of the three runs here. Put your index or table in front
of them. The Kusto backend has no correlations: there, only the single rules are given.
"""


def queries_markdown() -> str:
    """The page."""
    parts = [_HEAD]
    for product, silence, backend in _PRODUCTS:
        parts.append(f"\n## {product}\n")
        for path in sorted(RULES.glob("*.yml")):
            for title, query in converted(path, backend()):
                whole = _kusto(query) if backend is _PRODUCTS[-1][-1] else query.strip()
                parts.append(f"\n{title}:\n\n```\n{whole}\n```\n")
        parts.append(
            "\nAn agent that is silent, unexplained and so of level low (written by hand, since Sigma cannot ask "
            "for what is not there):\n"
        )
        parts.append(f"\n```\n{(SILENCE / silence).read_text(encoding='utf-8').strip()}\n```\n")
    return "".join(parts)


def converted(path: Path, backend: Any) -> list[tuple[str, str]]:
    """Title and query of every rule of a file that the backend can express."""
    rules = SigmaCollection.from_yaml(path.read_text(encoding="utf-8"))
    queries: list[tuple[str, str]] = []
    for rule in rules.rules:
        if isinstance(rule, SigmaCorrelationRule):
            if backend.correlation_methods:
                rule.resolve_rule_references(rules)
                queries += [(rule.title, query) for query in backend.convert_correlation_rule(rule)]
        else:
            queries += [(rule.title, query) for query in backend.convert_rule(rule)]
    return queries


def _kusto_columns() -> ProcessingPipeline:
    names = {field: column for field, (column, _) in _KUSTO_COLUMNS.items()}
    return ProcessingPipeline(items=[ProcessingItem(FieldMappingTransformation(names))])


def _kusto(query: str) -> str:
    """A whole query: the table, the columns, the condition."""
    columns = ", ".join(
        f"{column} = {source}" for column, source in _KUSTO_COLUMNS.values() if column in query
    )
    # The backend compares without regard to case, which Kusto does for texts alone.
    condition = query.strip().replace("=~ false", "== false").replace("=~ true", "== true")
    return f"Steadyhand_CL\n| extend {columns}\n| where {condition}"


def main(arguments: Sequence[str]) -> int:
    """Write the page to the file named."""
    Path(arguments[0]).write_text(queries_markdown(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
