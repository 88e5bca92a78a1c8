# From points to vertices and knots.

from libc.math cimport atan2, sqrt
from libc.stdint cimport int64_t

from _fastfeat._action cimport Points, Scratch

cdef enum:
    KNOT_NS = 1_000_000


cdef inline void vertices(const Points *p, Scratch *w) noexcept nogil:
    # Points with successive equal positions merged, relative to the first; then steps, turns and curvature.
    cdef Py_ssize_t i, m = 0
    cdef double x, y
    w.qx[0] = w.qy[0] = w.qt[0] = w.qi[0] = 0
    for i in range(1, p.n):
        x = p.x[i] - p.x[0]
        y = p.y[i] - p.y[0]
        if x != w.qx[m] or y != w.qy[m]:
            m += 1
            w.qx[m] = x
            w.qy[m] = y
            w.qt[m] = <double>(p.t[i] - p.t[0]) * 1e-9
            w.qi[m] = <double>i
    w.m = m
    for i in range(m):
        w.dx[i] = w.qx[i + 1] - w.qx[i]
        w.dy[i] = w.qy[i + 1] - w.qy[i]
        w.s[i] = sqrt(w.dx[i] * w.dx[i] + w.dy[i] * w.dy[i])
    for i in range(m - 1):
        # The zero makes +0 of -0, so that every way straight back is a turn by +pi.
        w.cross[i] = w.dx[i] * w.dy[i + 1] - w.dy[i] * w.dx[i + 1] + 0.0
        w.phi[i] = atan2(w.cross[i], w.dx[i] * w.dx[i + 1] + w.dy[i] * w.dy[i + 1])
        w.curv[i] = w.phi[i] / ((w.s[i] + w.s[i + 1]) * 0.5)


cdef inline void knots(const Points *p, Scratch *w) noexcept nogil:
    # Points less than a millisecond after a knot only move it; w.dt[j] is the interval from knot j to j + 1.
    cdef Py_ssize_t i, r = 0
    cdef int64_t began = p.t[0]
    w.kx[0] = w.ky[0] = 0
    for i in range(1, p.n):
        if p.t[i] - began >= KNOT_NS:
            w.dt[r] = <double>(p.t[i] - began) * 1e-9
            began = p.t[i]
            r += 1
        w.kx[r] = p.x[i] - p.x[0]
        w.ky[r] = p.y[i] - p.y[0]
    w.r = r


cdef inline Py_ssize_t derivatives(Scratch *w) noexcept nogil:
    # Speeds, accelerations, jerk, snap; the angular speeds come last, and their number is returned.
    cdef Py_ssize_t j, count = 0, r = w.r
    cdef double ex, ey, fx, fy, h
    for j in range(r):
        ex = w.kx[j + 1] - w.kx[j]
        ey = w.ky[j + 1] - w.ky[j]
        w.way[j] = sqrt(ex * ex + ey * ey)
        w.vx[j] = ex / w.dt[j]
        w.vy[j] = ey / w.dt[j]
        w.v[j] = w.way[j] / w.dt[j]
    for j in range(r - 1):
        w.a[j] = (w.v[j + 1] - w.v[j]) / ((w.dt[j + 1] + w.dt[j]) * 0.5)
    for j in range(r - 2):
        w.jerk[j] = (w.a[j + 1] - w.a[j]) / w.dt[j + 1]
    for j in range(r - 3):
        w.snap[j] = (w.jerk[j + 1] - w.jerk[j]) / ((w.dt[j + 2] + w.dt[j + 1]) * 0.5)
    for j in range(r - 1):
        if w.way[j] > 0 and w.way[j + 1] > 0:
            ex = w.kx[j + 1] - w.kx[j]
            ey = w.ky[j + 1] - w.ky[j]
            fx = w.kx[j + 2] - w.kx[j + 1]
            fy = w.ky[j + 2] - w.ky[j + 1]
            h = (w.dt[j + 1] + w.dt[j]) * 0.5
            w.omega[count] = atan2(ex * fy - ey * fx + 0.0, ex * fx + ey * fy) / h
            count += 1
    return count
