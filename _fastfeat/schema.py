"""The features: order, names, units, formulas, sources, and when a value is undefined.

Cleaning
    Events that are not finite or have a coordinate of 65535 or more in absolute value are dropped (scroll events are
    judged by their time alone: their position is never used). An event that repeats the event before it in time, place,
    kind and button is dropped.
Segmentation
    A button is *down* from its PRESS until its RELEASE. Other buttons' presses and releases meanwhile are plain points.
    A MOVE, or a second PRESS of the same button, says that the release was lost: the action is cut there.
    An action is *cut* by more than ``gap_ns`` without an event, by scrolling, by a lost release, by ``max_points``,
    and by the end of the stream.
    MM (mouse move): points without a button down, until a cut, or until the press of a DD.
    PC (point and click): the points since the last action's end through PRESS and RELEASE, or to a cut while down.
    DD (drag and drop): PRESS through RELEASE, or to a cut, with at least 4 DRAG events between. The points before
    it are an MM. A button that is still down after a cut goes on in a new action that has no press.
    SCROLL: successive SCROLL events.
    Fewer than 4 points (2 ticks for SCROLL) make no row, but the clicks in them are counted.
Notation
    p_0..p_{n-1}  the points of the action with times t_i. Positions are relative to p_0.
    q_0..q_m      the points with successive equal positions merged; time(q_k) is that of the first of them.
    d_k = q_k - q_{k-1} = (dx_k, dy_k), s_k = |d_k| > 0, k = 1..m
    phi_k         turn at q_k, from d_k to d_{k+1}, in (-pi, pi], k = 1..m-1
    c_k = phi_k / ((s_k + s_{k+1}) / 2)      curvature
    b_k           distance of q_k from the line q_{k-1} q_{k+1}, over |q_{k+1} - q_{k-1}| (left out where that is 0)
    c = p_{n-1} - p_0, C = |c|; u_k, w_k     coordinates of q_k - q_0 along c and across it (c x (q_k - q_0)), over C
    K_0..K_r      knots: a point at least 1 ms after the knot before begins a knot; a nearer one only moves it.
                  So every dt_j >= 1 ms, whatever the clock's resolution.
    D_j = K_j - K_{j-1}, dt_j, T = sum dt_j, (vx_j, vy_j) = D_j / dt_j, v_j = |D_j| / dt_j, j = 1..r
    h_j = (dt_j + dt_{j-1}) / 2
    a_j = (v_j - v_{j-1}) / h_j, j = 2..r;  jerk_j = (a_j - a_{j-1}) / dt_{j-1}, j = 3..r
    snap_j = (jerk_j - jerk_{j-1}) / ((dt_{j-1} + dt_{j-2}) / 2), j = 4..r
    omega_j       angle from D_{j-1} to D_j over h_j, left out where either is 0
    rest          stretch between two successive changes of position, or from t_0 to the first, or from the last to t_{n-1}
    N_s           sub-movements: rises of v_j to a peak of at least max v_j / 10 that end when v_j falls below half of the
                  peak; the next one begins when v_j is above twice the valley and at least max v_j / 10
    g             times between successive ticks
    double click  a click whose press follows the press before, of the same button and within 4 px on each axis,
                  by at most 0.5 s
"""

from __future__ import annotations

from enum import IntEnum

from _fastfeat.feature import GROUPS, Feature
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


SCHEMA: tuple[Feature, ...] = (*TEMPORAL, *SPATIAL, *SPATIO_TEMPORAL, *PERFORMANCE, *DEVICE)

FEATURES: tuple[str, ...] = tuple(feature.name for feature in SCHEMA)
