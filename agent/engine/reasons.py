"""Reasons of a judgement: the features that departed most, in words that a person can check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST: Final = 3

_SIZES: Final = ((1.5, "very much"), (0.8, "much"), (0.4, "clearly"), (0.0, "a little"))
SIZES: Final = tuple(word for _, word in _SIZES)

GROUPS: Final = ("speed", "path", "rhythm", "clicking", "scrolling")
# By the first word of a feature's name, as `_SUBJECTS`; whatever else there is describes the path.
_GROUP_OF: Final = {
    **dict.fromkeys(
        ("a", "accel", "avec", "half", "jerk", "moving", "pace", "peak", "smoothness", "snap"), "speed"
    ),
    **dict.fromkeys(("throughput", "v", "vx", "vy"), "speed"),
    **dict.fromkeys(("before", "duration", "pause", "pauses", "points", "since", "still"), "rhythm"),
    **dict.fromkeys(("click", "clicks", "double", "drag", "hold", "last", "press"), "clicking"),
    "scroll": "scrolling",
}

# What a feature is about, by the first word of its name. Features about the same thing make one reason.
_SUBJECTS: Final = {
    "a": "acceleration",
    "accel": "time spent speeding up",
    "area": "area between path and straight line",
    "avec": "acceleration",
    "axis": "straightness along the screen's axes",
    "backtrack": "moving back on the way",
    "before": "pause before a movement",
    "bend": "bending of the path",
    "bow": "bowing of the path",
    "chord": "distance from start to end",
    "click": "slipping while clicking",
    "clicks": "number of clicks",
    "critical": "straight stretches of the path",
    "curv": "curvature of the path",
    "dev": "deviation from the straight line",
    "direction": "direction of movement",
    "double": "double-click rhythm",
    "drag": "dragging",
    "duration": "duration of a movement",
    "half": "how early half the way is done",
    "heading": "spread of directions",
    "height": "height of a movement",
    "hold": "how long the button is held",
    "inflections": "number of turns of the path",
    "jerk": "jerkiness",
    "jitter": "trembling",
    "last": "how long the button is held",
    "moving": "time in motion",
    "omega": "turning speed",
    "orthogonal": "changes of direction",
    "overshoot": "moving beyond the target",
    "pace": "pace of the whole movement",
    "path": "length of the path",
    "pause": "pauses within a movement",
    "pauses": "pauses within a movement",
    "peak": "moment of highest speed",
    "points": "mouse events in an action",
    "press": "moment of pressing the button",
    "scroll": "scroll rhythm",
    "self": "path crossing itself",
    "since": "rhythm of actions",
    "smoothness": "smoothness",
    "snap": "jerkiness",
    "step": "size of single steps",
    "still": "standing still within a movement",
    "straightness": "straightness of the path",
    "submovement": "corrections on the way",
    "submovements": "corrections on the way",
    "throughput": "distance covered per second",
    "turn": "turning of the path",
    "v": "speed",
    "vx": "sideways speed",
    "vy": "up and down speed",
    "width": "width of a movement",
    "x": "sideways movement",
    "y": "up and down movement",
}


def reasons(features: Sequence[str], departed: Sequence[NDArray[np.float32]]) -> tuple[str, ...]:
    """What lies furthest from the owner's way, each subject once, by the feature that departed most.

    Parameters
    ----------
    features : sequence of str
    departed : sequence of ndarray, each of shape (F,)
        Normal deviates of the actions since the departure began (0 = the owner's median).

    Returns
    -------
    tuple of str
        At most three, the largest first; none without actions.
    """
    if not departed:
        return ()
    mean = np.mean(departed, axis=0)
    sentences: dict[str, str] = {}
    for j in np.argsort(-np.abs(mean), kind="stable"):
        subject = _subject(features[j])
        if len(sentences) == MOST or mean[j] == 0.0:
            break
        if subject not in sentences:
            sentences[subject] = _sentence(subject, features[j], float(mean[j]), len(departed))
    return tuple(sentences.values())


def reason_groups(features: Sequence[str], departed: Sequence[NDArray[np.float32]]) -> tuple[str, ...]:
    """What departed, in neutral words: what leaves the computer names none of the features behind it.

    A single feature can read like a statement about somebody's health (jerk, tremor); a group of them says what an
    analyst needs, which is where the movement differs and by how much.

    Parameters
    ----------
    features : sequence of str
    departed : sequence of ndarray, each of shape (F,)
        As `reasons` takes it.

    Returns
    -------
    tuple of str
        A line for each group that departs, by its feature that departs most, the largest first.
    """
    if not departed:
        return ()
    mean = np.mean(departed, axis=0)
    largest: dict[str, float] = {}
    for feature, deviate in zip(features, np.abs(mean).tolist(), strict=True):
        group = _GROUP_OF.get(feature.split("_")[0], "path")
        largest[group] = max(largest.get(group, 0.0), deviate)
    ranked = sorted(largest.items(), key=lambda pair: -pair[1])
    return tuple(group_line(group, _size(deviate)) for group, deviate in ranked[:MOST] if deviate > 0.0)


def own_line(reason: str) -> str:
    """A reason as the owner reads it: what is the owner's is theirs."""
    return reason.replace("the owner's", "yours")


def group_line(group: str, size: str) -> str:
    """One of the lines of `reason_groups`."""
    return f"{group} differs {size} from the owner's"


def _size(deviate: float) -> str:
    return next(word for least, word in _SIZES if deviate >= least)


def _sentence(subject: str, feature: str, mean: float, actions: int) -> str:
    size = _size(abs(mean))
    direction = "higher" if mean > 0.0 else "lower"
    return f"{subject}: {size} {direction} than the owner's ({feature} {mean:+.1f} sd over {actions} actions)"


def _subject(feature: str) -> str:
    return _SUBJECTS.get(feature.split("_")[0], feature.replace("_", " "))
