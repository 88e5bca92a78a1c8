"""Mouse events to actions to feature rows to windows: arrays in, arrays out."""

from _fastfeat.antal39 import Antal39Rows, extract_antal39
from _fastfeat.rows import ActionRows
from _fastfeat.schema import FEATURES, SCHEMA, ActionKind, Feature
from _fastfeat.schema_windows import WINDOW_FEATURES, WINDOW_SCHEMA
from _fastfeat.stream import ActionStream, extract
from _fastfeat.windows import WindowFeatures, WindowRows, extract_windows

__all__ = [
    "FEATURES",
    "SCHEMA",
    "WINDOW_FEATURES",
    "WINDOW_SCHEMA",
    "ActionKind",
    "ActionRows",
    "ActionStream",
    "Antal39Rows",
    "Feature",
    "WindowFeatures",
    "WindowRows",
    "extract",
    "extract_antal39",
    "extract_windows",
]
