"""Export forms: takes the OCSF event out of what receivers write: envelopes, syslog lines, exports. Pure.

| who wrote it | what a line holds |
|---|---|
| the JSON-lines file | the event |
| rsyslog's file | time, host and tag, then the event |
| Splunk HEC, what is sent | the event in ``event`` |
| Splunk, an export | the event as text in ``result._raw``; of CSV, in the column ``_raw`` |
| Elastic, a hit | the event in ``_source``, or as text in ``_source.event.original`` |
| Elastic, a search's answer | hits in ``hits.hits`` |
| Elastic, a bulk request | an action on a line, the event on the next |
| syslog-ng with format-json | the event as text in ``msg`` or ``MESSAGE`` |
| journalctl -o json | the event as text in ``STEADYHAND_OCSF`` |
| a webhook | the event in ``data`` |
| an OpenTelemetry collector's file | the event in the body of each log record |
| Microsoft Sentinel: rows, CSV, the API's answer | the event's parts in columns, objects as text |
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from agent.alerts.table_exports import RAW, WHOLE, BadRow, Row, from_columns, rows_of_answer

_MARK: Final = "\ufeff"
_NESTED: Final = (
    "event",
    "result",
    "hits",
    "_source",
    "data",
    "_raw",
    "msg",
    "MESSAGE",
    "message",
    "STEADYHAND_OCSF",
    "original",
)
_NOT_WHOLE: Final = "its JSON is not whole: cut, over several lines, compressed, or of another form"
_BULK_ACTIONS: Final = ({"index"}, {"create"})
_MOST_DEPTH: Final = 6


def events_of(entry: str | Row | BadRow) -> tuple[dict[str, Any], ...]:
    """The events in one entry of an export; most hold one, the action of a bulk request none.

    Parameters
    ----------
    entry : str, dict of str to str or BadRow
        A line or a row, as `agent.alerts.table_exports.entries_of` gives it.

    Raises
    ------
    ValueError
        If there is none.
    """
    if isinstance(entry, BadRow):
        raise entry
    text = entry if isinstance(entry, str) else entry.get(RAW)
    decoded = entry if text is None else _decoded(text)
    if isinstance(decoded, dict) and decoded.keys() in _BULK_ACTIONS:
        return ()
    events = tuple(_events(decoded, 0))
    if not events:
        raise ValueError("it holds no OCSF event")
    return events


def _decoded(text: str) -> Any:
    """The JSON in a text, behind whatever a syslog receiver writes before it; several values in a row as a list."""
    text = text.strip().lstrip(_MARK)
    begin = 0 if text.startswith("[{") else text.find("{")
    if begin < 0:
        raise ValueError("it holds no JSON")
    decoded = []
    while begin < len(text):
        try:
            entry, begin = _DECODER.raw_decode(text, begin)
        except json.JSONDecodeError as error:
            raise ValueError(_NOT_WHOLE) from error
        decoded.append(entry)
        begin += len(text[begin:]) - len(text[begin:].lstrip())
    return decoded[0] if len(decoded) == 1 else decoded


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are there once: of two, a receiver may show the one that was not checked."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("it has a key twice: what is shown may not be what is checked")
    return members


def _no_number(constant: str) -> Any:
    raise ValueError(f"it holds {constant}, which is no JSON")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unambiguous, parse_constant=_no_number)


def _decoded_or_none(text: str) -> Any:
    try:
        return _decoded(text)
    except ValueError:
        return None  # a sentence for people, which may hold a brace as well


def _events(entry: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _MOST_DEPTH:
        return
    if isinstance(entry, list):
        for part in entry:
            yield from _events(part, depth + 1)
    elif isinstance(entry, dict):
        if entry.keys() >= WHOLE:
            yield (
                entry
                if all(isinstance(entry[name], dict) for name in WHOLE)
                else from_columns(entry, _decoded)
            )
        elif "tables" in entry:
            for row in rows_of_answer(entry):
                yield from _events(row, depth + 1)
        elif "resourceLogs" in entry:
            yield from _logged(entry)
        else:
            yield from _unwrapped(entry, depth)


def _unwrapped(envelope: Mapping[str, Any], depth: int) -> Iterator[dict[str, Any]]:
    """The event in the first part of an envelope that has one."""
    for name in _NESTED:
        part = envelope.get(name)
        if isinstance(part, str):
            part = _decoded_or_none(part)
        if isinstance(part, (dict, list)) and (inner := tuple(_events(part, depth + 1))):
            yield from inner
            return


def _logged(request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The bodies of OTLP log records."""
    for resource in request["resourceLogs"]:
        for scope in resource.get("scopeLogs", ()):
            for record in scope.get("logRecords", ()):
                yield from _events(plain_of(record.get("body", {})), 1)


def plain_of(wrapped: Mapping[str, Any]) -> Any:
    """OTLP's ``AnyValue`` as the plain JSON value that it stands for."""
    if "kvlistValue" in wrapped:
        return {
            pair["key"]: plain_of(pair.get("value", {})) for pair in wrapped["kvlistValue"].get("values", ())
        }
    if "arrayValue" in wrapped:
        return [plain_of(entry) for entry in wrapped["arrayValue"].get("values", ())]
    if "intValue" in wrapped:
        return int(wrapped["intValue"])
    return next(iter(wrapped.values()), None)
