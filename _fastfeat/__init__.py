"""Mouse events to actions to feature rows: arrays in, arrays out."""

from _fastfeat.antal39 import Antal39Rows, extract_antal39
from _fastfeat.rows import ActionRows
from _fastfeat.schema import FEATURES, SCHEMA, ActionKind, Feature
from _fastfeat.stream import ActionStream, extract

__all__ = [
    "FEATURES",
    "SCHEMA",
    "ActionKind",
    "ActionRows",
    "ActionStream",
    "Antal39Rows",
    "Feature",
    "extract",
    "extract_antal39",
]
