"""Background of a computer that learns by itself: the one that its settings name, or none and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.engine.errors import SteadyhandError
from agent.files.background import FOLDER_BACKGROUND, Background, fetched_background_file, read_background
from agent.files.keys import load_trust
from agent.files.paths import Paths
from enroll.background.building import check_features
from enroll.background.shipped import shipped_background

NONE: Final = "none"
SHIPPED: Final = "shipped"


@dataclass(frozen=True, slots=True)
class NamedBackground:
    """What a setting named.

    Attributes
    ----------
    background : Background or None
    refused : str
        Why there is none though one was named: own data alone are learnt from then.
    """

    background: Background | None = None
    refused: str = ""


def background_of(name: str, paths: Paths) -> NamedBackground:
    """The background that the setting ``enrolment.background`` names.

    Parameters
    ----------
    name : str
        ``none``, ``shipped``, ``folder``, or the path of a file that an administrator signed.
    paths : Paths
        Whose administrators' keys count.
    """
    if name == NONE:
        return NamedBackground()
    try:
        if name == SHIPPED:
            background = shipped_background()
        else:
            path = fetched_background_file(paths) if name == FOLDER_BACKGROUND else Path(name)
            background = read_background(path, load_trust(paths, local=False))
        check_features(background)
    except SteadyhandError as error:
        return NamedBackground(refused=str(error))
    return NamedBackground(background)
