# The open action, what is known of it, and the scratch space in which it is measured.

from libc.stdint cimport int32_t, int64_t, uint8_t


cdef enum:
    CAP = 4096     # the most points of an action
    ROOM = 4104    # values in a series: CAP and one cache line, so that series do not share their lines


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
    bint frequency            # whether the frequency features are asked for
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
    # Vertices 0..m (q) with steps 0..m-1 and turns 0..m-2; knots 0..r (k) with intervals 0..r-1 and what
    # derives from them. Arrays of fixed size, because the compiler then knows that they do not overlap.
    Py_ssize_t m
    double qx[ROOM]
    double qy[ROOM]
    double qt[ROOM]
    double qi[ROOM]
    double dx[ROOM]
    double dy[ROOM]
    double s[ROOM]
    double cross[ROOM]
    double dot[ROOM]
    double phi[ROOM]
    double phi_abs[ROOM]
    double curv[ROOM]
    double along[ROOM]
    double across[ROOM]
    Py_ssize_t r
    double kx[ROOM]
    double ky[ROOM]
    double kt[ROOM]           # ns
    double dt[ROOM]
    double rate[ROOM]         # 1 / dt
    double rate2[ROOM]        # 1 / h
    double way[ROOM]
    double elapsed[ROOM]      # at each knot, from the first
    double covered[ROOM]
    double vx[ROOM]
    double vy[ROOM]
    double v[ROOM]
    double a[ROOM]
    double avec[ROOM]
    double jerk[ROOM]
    double snap[ROOM]
    Py_ssize_t omegas
    double omega[ROOM]
    double cos1[ROOM]
    double sin1[ROOM]
    double cosf[ROOM]
    double sinf[ROOM]
    double tmp[ROOM]
    double tmp2[ROOM]
    double tmp3[ROOM]
    double lanes[6 * 64]


cdef struct Rows:
    # Rows to be written into, from n on.
    Py_ssize_t n
    Py_ssize_t capacity
    double *features
    uint8_t *kind
    int64_t *start
    int64_t *end
    int32_t *points
