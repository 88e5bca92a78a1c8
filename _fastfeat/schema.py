"""The features: order, names, units, formulas, sources, and when a value is undefined.

Cleaning
    Events whose position is not finite, or 65535 and more in absolute value, are dropped. Positions are
    rounded to 1/1024 px. An event that repeats the kept event before it in time, place, kind and button is
    dropped. The position of SCROLL events is never looked at.
Segmentation
    A button is *down* from its PRESS until its RELEASE. Other buttons' presses and releases meanwhile are
    plain points. A MOVE, or a second PRESS of the same button, says that the release was lost: the action is
    cut there.
    An action is *cut* by more than ``gap_ns`` without an event, by scrolling, by a lost release, by
    ``max_points``, and by the end of the stream.
    MM (mouse move): points without a button down, until a cut, or until the press of a DD.
    PC (point and click): the points since the last action's end through PRESS and RELEASE, or to a cut while
    down.
    DD (drag and drop): PRESS through RELEASE, or to a cut, with at least 4 DRAG events between. The points
    before it are an MM. A button that is still down after a cut goes on in a new action that has no press.
    SCROLL: successive SCROLL events.
    Fewer than 4 points (2 ticks for SCROLL) make no row, but the clicks in them are counted. Every measure
    looks at its own action and at what came before, never ahead.
Notation
    p_0..p_{n-1}  the points of the action with times t_i; positions are relative to p_0
    q_0..q_m      the points with successive equal positions merged; time(q_k) is that of the first of them
    d_k           q_k - q_{k-1} = (dx_k, dy_k); s_k = |d_k| > 0; k = 1..m
    phi_k         turn at q_k, from d_k to d_{k+1}, in (-pi, pi], k = 1..m-1
    c_k           curvature phi_k / ((s_k + s_{k+1}) / 2)
    b_k           distance of q_k from the line q_{k-1} q_{k+1}, over |q_{k+1} - q_{k-1}|; left out where that
                  is 0
    c, C          p_{n-1} - p_0 and its length
    u_k, w_k      coordinates of q_k - q_0 along c and across it (c x (q_k - q_0) over C), k = 0..m
    K_0..K_r      knots: a point at least 1 ms after the current knot begins the next; a nearer one only moves
                  it. So every dt_j is at least 1 ms, whatever the resolution of the clock
    D_j, dt_j     K_j - K_{j-1} and its time; T = sum dt_j; (vx_j, vy_j) = D_j / dt_j; v_j = |D_j| / dt_j; j =
                  1..r
    a_j           (v_j - v_{j-1}) / h_j with h_j = (dt_j + dt_{j-1}) / 2, j = 2..r
    jerk_j        (a_j - a_{j-1}) / dt_{j-1}, j = 3..r
    snap_j        (jerk_j - jerk_{j-1}) / ((dt_{j-1} + dt_{j-2}) / 2), j = 4..r
    omega_j       angle from D_{j-1} to D_j over h_j, left out where either is 0
    rest          stretch between two changes of position, from t_0 to the first, or from the last to t_{n-1}
    N_s           sub-movements: rises of v_j to a peak of at least max v_j / 10 that end when v_j falls below
                  half of the peak; the next begins when v_j is above twice the valley and at least max v_j /
                  10
    P(f)          Lomb-Scargle power of v_j - mean v at the middles of the intervals, f = 1..16 Hz, over the
                  sum of squares; a term whose denominator is below r / 1000 is left out
    g             times between successive ticks
    double click  a click whose press follows the press before, of the same button and within 4 px on each
                  axis, by at most 0.5 s
    sd            divisor N; quantiles are linear between neighbours
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from enum import IntEnum

from _fastfeat.feature import GROUPS, Feature
from _fastfeat.schema_frequency import FREQUENCY
from _fastfeat.schema_motion import SPATIO_TEMPORAL
from _fastfeat.schema_space import DEVICE, SPATIAL
from _fastfeat.schema_time import PERFORMANCE, TEMPORAL

__all__ = ["FEATURES", "GROUPS", "SCHEMA", "ActionKind", "Feature"]


class ActionKind(IntEnum):
    """The kind of an action; the numbers of MM, PC and DD are those of the literature's files."""

    MM = 1
    SCROLL = 2
    PC = 3
    DD = 4


# Features since the first release, in the order in which they came: a profile names columns by feature, and a kernel
# that was compiled before knows only those in front.
APPENDED: tuple[Feature, ...] = ()

SCHEMA: tuple[Feature, ...] = (
    *TEMPORAL,
    *SPATIAL,
    *SPATIO_TEMPORAL,
    *PERFORMANCE,
    *DEVICE,
    *FREQUENCY,
    *APPENDED,
)

FEATURES: tuple[str, ...] = tuple(feature.name for feature in SCHEMA)


def fingerprint(names: Sequence[str] = FEATURES) -> int:
    """A number for the columns and their order (CRC-32 of the names, 31 bits): the compiled kernel bears it too."""
    return zlib.crc32("\n".join(names).encode()) & 0x7FFFFFFF
