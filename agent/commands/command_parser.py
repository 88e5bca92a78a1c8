"""Parser of one command: what every `steadyhand` command's help looks like."""

from __future__ import annotations

import argparse
from collections.abc import Callable

Handler = Callable[[argparse.Namespace], int]


def described(make, *args: str, **texts: str) -> argparse.ArgumentParser:  # type: ignore[no-untyped-def]
    """A parser made by `make`, whose help keeps its line breaks."""
    parser: argparse.ArgumentParser = make(
        *args, formatter_class=argparse.RawDescriptionHelpFormatter, **texts
    )
    return parser
