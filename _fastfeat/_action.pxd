# The open action, its context, and the scratch space in which one action is measured.

from libc.stdint cimport int32_t, int64_t, uint8_t


cdef enum:
    MM = 1
    SCROLL = 2
    PC = 3
    DD = 4


cdef struct Points:
    # Points of an action; for SCROLL only the times and buttons count.
    Py_ssize_t n
    int64_t *t
    double *x
    double *y
    uint8_t *button


cdef struct Facts:
    # What is known of an action beside its points. Times that are not known are -1.
    int kind
    int button
    Py_ssize_t press          # index of the press among the points, or -1
    bint released             # the last point is the release
    int64_t hold_ns
    int64_t before_ns
    int64_t since_click_ns
    int64_t since_action_ns
    int64_t last_hold_ns
    int64_t double_ns
    Py_ssize_t clicks
    Py_ssize_t double_clicks


cdef struct Scratch:
    # Vertices (q) and their steps, knots (k), their intervals and derivatives: series of one length.
    double *block
    Py_ssize_t m
    double *qx
    double *qy
    double *qt
    double *qi
    double *dx
    double *dy
    double *s
    double *cross
    double *phi
    double *curv
    double *along
    double *across
    Py_ssize_t r
    double *dt
    double *kx
    double *ky
    double *way
    double *vx
    double *vy
    double *v
    double *a
    double *jerk
    double *snap
    double *omega
    double *tmp
    double *tmp2


cdef struct Rows:
    # Rows that wait to be fetched.
    Py_ssize_t n
    Py_ssize_t capacity
    double *features
    uint8_t *kind
    int64_t *start
    int64_t *end
    int32_t *points
