# From points to vertices and knots.

from libc.math cimport fabs, sqrt
from libc.stdint cimport int64_t

from _fastfeat._action cimport Points, Scratch
from _fastfeat._angle cimport angles

cdef enum:
    KNOT_NS = 1_000_000


cdef inline void vertices(const Points *p, Scratch *w) noexcept nogil:
    # Points with successive equal positions merged, relative to the first: the next place is always written,
    # and kept by a step of m.
    cdef Py_ssize_t i, m = 0
    cdef double x0 = p.x[0], y0 = p.y[0]
    cdef int64_t t0 = p.t[0]
    w.qx[0] = w.qy[0] = w.qt[0] = w.qi[0] = 0
    for i in range(1, p.n):
        w.qx[m + 1] = p.x[i] - x0
        w.qy[m + 1] = p.y[i] - y0
        w.qt[m + 1] = <double>(p.t[i] - t0) * 1e-9
        w.qi[m + 1] = <double>i
        m += (w.qx[m + 1] != w.qx[m]) | (w.qy[m + 1] != w.qy[m])
    w.m = m


cdef inline void steps(Scratch *w) noexcept nogil:
    # Steps between vertices, turns at them, and curvature.
    cdef Py_ssize_t i
    for i in range(w.m):
        w.dx[i] = w.qx[i + 1] - w.qx[i]
        w.dy[i] = w.qy[i + 1] - w.qy[i]
        w.s[i] = sqrt(w.dx[i] * w.dx[i] + w.dy[i] * w.dy[i])
    for i in range(w.m - 1):
        w.cross[i] = w.dx[i] * w.dy[i + 1] - w.dy[i] * w.dx[i + 1]
        w.dot[i] = w.dx[i] * w.dx[i + 1] + w.dy[i] * w.dy[i + 1]
    angles(w.cross, w.dot, w.phi, w.m - 1)
    for i in range(w.m - 1):
        w.phi_abs[i] = fabs(w.phi[i])
        w.curv[i] = w.phi[i] / ((w.s[i] + w.s[i + 1]) * 0.5)


cdef inline void knots(const Points *p, Scratch *w) noexcept nogil:
    # Points less than a millisecond after a knot only move it; dt[j] is the interval from knot j to j + 1.
    cdef Py_ssize_t i, r = 0
    cdef int64_t began = p.t[0]
    cdef double x0 = p.x[0], y0 = p.y[0]
    cdef bint fresh
    w.kx[0] = w.ky[0] = w.kt[0] = 0
    for i in range(1, p.n):
        fresh = p.t[i] - began >= KNOT_NS
        w.dt[r] = <double>(p.t[i] - began) * 1e-9
        began = p.t[i] if fresh else began
        r += fresh
        w.kt[r] = <double>(began - p.t[0])
        w.kx[r] = p.x[i] - x0
        w.ky[r] = p.y[i] - y0
    w.r = r


cdef inline void speeds(Scratch *w) noexcept nogil:
    # First differences: speed, with its parts.
    cdef Py_ssize_t j
    cdef double x, y
    for j in range(w.r):
        x = w.kx[j + 1] - w.kx[j]
        y = w.ky[j + 1] - w.ky[j]
        w.rate[j] = 1 / w.dt[j]
        w.way[j] = sqrt(x * x + y * y)
        w.vx[j] = x * w.rate[j]
        w.vy[j] = y * w.rate[j]
        w.v[j] = w.way[j] * w.rate[j]
    w.elapsed[0] = w.covered[0] = 0
    for j in range(w.r):
        w.elapsed[j + 1] = w.elapsed[j] + w.dt[j]
        w.covered[j + 1] = w.covered[j] + w.way[j]


cdef inline void derivatives(Scratch *w) noexcept nogil:
    # Acceleration, its vector's length, jerk, snap.
    cdef Py_ssize_t j
    cdef double x, y
    for j in range(w.r - 1):
        x = w.vx[j + 1] - w.vx[j]
        y = w.vy[j + 1] - w.vy[j]
        w.rate2[j] = 2 / (w.dt[j + 1] + w.dt[j])
        w.a[j] = (w.v[j + 1] - w.v[j]) * w.rate2[j]
        w.avec[j] = sqrt(x * x + y * y) * w.rate2[j]
    for j in range(w.r - 2):
        w.jerk[j] = (w.a[j + 1] - w.a[j]) * w.rate[j + 1]
    for j in range(w.r - 3):
        w.snap[j] = (w.jerk[j + 1] - w.jerk[j]) * w.rate2[j + 1]


cdef inline void angular(Scratch *w) noexcept nogil:
    # Angular speeds where both intervals move. From places, not speeds: their rounding would turn the sign of
    # an exact reversal.
    cdef Py_ssize_t j, count = 0
    cdef double ax, ay, bx, by
    for j in range(w.r - 1):
        ax = w.kx[j + 1] - w.kx[j]
        ay = w.ky[j + 1] - w.ky[j]
        bx = w.kx[j + 2] - w.kx[j + 1]
        by = w.ky[j + 2] - w.ky[j + 1]
        w.tmp[j] = ax * by - ay * bx
        w.tmp2[j] = ax * bx + ay * by
    angles(w.tmp, w.tmp2, w.omega, w.r - 1)
    for j in range(w.r - 1):
        w.omega[count] = w.omega[j] * w.rate2[j]
        count += (w.way[j] > 0) & (w.way[j + 1] > 0)
    w.omegas = count
