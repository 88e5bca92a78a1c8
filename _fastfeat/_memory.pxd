# The growable buffers of a stream: they grow by doubling, so no action allocates on its own.

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc, realloc

from _fastfeat._action cimport Points, Rows, Scratch
from _fastfeat._columns cimport C_COUNT

cdef enum:
    SERIES = 25


cdef inline int grow_scratch(Scratch *w, Py_ssize_t capacity) noexcept nogil:
    # One block, cut into series; what it held is not kept.
    cdef double *block = <double *>malloc(capacity * SERIES * sizeof(double))
    if block == NULL:
        return -1
    free(w.block)
    w.block = block
    w.qx = block + 0 * capacity
    w.qy = block + 1 * capacity
    w.qt = block + 2 * capacity
    w.qi = block + 3 * capacity
    w.dx = block + 4 * capacity
    w.dy = block + 5 * capacity
    w.s = block + 6 * capacity
    w.cross = block + 7 * capacity
    w.phi = block + 8 * capacity
    w.curv = block + 9 * capacity
    w.along = block + 10 * capacity
    w.across = block + 11 * capacity
    w.dt = block + 12 * capacity
    w.kx = block + 13 * capacity
    w.ky = block + 14 * capacity
    w.way = block + 15 * capacity
    w.vx = block + 16 * capacity
    w.vy = block + 17 * capacity
    w.v = block + 18 * capacity
    w.a = block + 19 * capacity
    w.jerk = block + 20 * capacity
    w.snap = block + 21 * capacity
    w.omega = block + 22 * capacity
    w.tmp = block + 23 * capacity
    w.tmp2 = block + 24 * capacity
    return 0


cdef inline int grow_points(Points *p, Py_ssize_t capacity) noexcept nogil:
    cdef void *t = realloc(p.t, capacity * sizeof(int64_t))
    if t == NULL:
        return -1
    p.t = <int64_t *>t
    cdef void *x = realloc(p.x, capacity * sizeof(double))
    if x == NULL:
        return -1
    p.x = <double *>x
    cdef void *y = realloc(p.y, capacity * sizeof(double))
    if y == NULL:
        return -1
    p.y = <double *>y
    cdef void *button = realloc(p.button, capacity)
    if button == NULL:
        return -1
    p.button = <uint8_t *>button
    return 0


cdef inline int grow_rows(Rows *rows) noexcept nogil:
    cdef Py_ssize_t capacity = rows.capacity * 2 if rows.capacity else 8
    cdef void *features = realloc(rows.features, capacity * C_COUNT * sizeof(double))
    if features == NULL:
        return -1
    rows.features = <double *>features
    cdef void *kind = realloc(rows.kind, capacity)
    if kind == NULL:
        return -1
    rows.kind = <uint8_t *>kind
    cdef void *start = realloc(rows.start, capacity * sizeof(int64_t))
    if start == NULL:
        return -1
    rows.start = <int64_t *>start
    cdef void *end = realloc(rows.end, capacity * sizeof(int64_t))
    if end == NULL:
        return -1
    rows.end = <int64_t *>end
    cdef void *points = realloc(rows.points, capacity * sizeof(int32_t))
    if points == NULL:
        return -1
    rows.points = <int32_t *>points
    rows.capacity = capacity
    return 0


cdef inline void release(Points *p, Scratch *w, Rows *rows) noexcept nogil:
    free(p.t)
    free(p.x)
    free(p.y)
    free(p.button)
    free(w.block)
    free(rows.features)
    free(rows.kind)
    free(rows.start)
    free(rows.end)
    free(rows.points)
