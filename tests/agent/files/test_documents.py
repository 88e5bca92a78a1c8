"""Hints name the document where it is."""

from __future__ import annotations

from pathlib import Path

from agent.files.documents import document_path

ROOT = Path(__file__).parents[3]


def test_where_the_package_put_it(tmp_path: Path) -> None:
    (tmp_path / "mouse.md").write_text("", encoding="utf-8")
    assert document_path("mouse.md", [tmp_path]) == str(tmp_path / "mouse.md")
    assert document_path("files.md", [tmp_path]) == "docs/files.md"
    assert (ROOT / "docs" / "files.md").is_file()
