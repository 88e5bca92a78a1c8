"""Sentence table: templates and fields beside the English of a status file, for pages in other languages. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from agent.engine.sentence import Sentence

_MOST_SENTENCES: Final = 256


def sentence_table(lines: Iterable[str]) -> list[dict[str, Any]]:
    """What `Sentence.to_json` says of those lines that are sentences with fields, each once."""
    sentences = {line: line for line in lines if isinstance(line, Sentence) and line.fields}
    return [line.to_json() for line in sentences.values()]


def read_sentence_table(document: Any) -> dict[str, Sentence]:
    """Sentences by their English.

    Raises
    ------
    ValueError
        If it is not what `sentence_table` wrote.
    """
    if not isinstance(document, list) or len(document) > _MOST_SENTENCES:
        raise ValueError(f"sentences: not a list of at most {_MOST_SENTENCES}")
    sentences = map(Sentence.from_json, document)
    return {str(line): line for line in sentences}


def with_sentences(fields: Mapping[str, Any], sentences: Mapping[str, Sentence]) -> dict[str, Any]:
    """Fields of a status, each line of which there is a sentence replaced by it."""
    restored = dict(fields)
    for name in ("detail", "trouble"):
        if name in restored:
            restored[name] = sentences.get(restored[name], restored[name])
    if "notes" in restored:
        restored["notes"] = tuple(sentences.get(note, note) for note in restored["notes"])
    if mouse := restored.get("configuration"):
        doubts = tuple(sentences.get(doubt, doubt) for doubt in mouse.doubts)
        restored["configuration"] = replace(mouse, doubts=doubts)
    return restored
