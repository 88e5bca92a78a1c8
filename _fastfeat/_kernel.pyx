"""Segmentation and features in one pass, without the GIL. Called through `_fastfeat.stream`."""

from libc.math cimport atan2, hypot, log
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc

from _fastfeat._action cimport CAP, Rows
from _fastfeat._columns cimport C_COUNT, C_FINGERPRINT
from _fastfeat._segment cimport CLOSED, MOST_ROWS, PRESS, SCROLLED, State, close_action, reset, take

COLUMNS = <int>C_COUNT
FINGERPRINT = <int>C_FINGERPRINT
MAX_POINTS = <int>CAP
ROWS_OF_ONE_EVENT = <int>MOST_ROWS


def check(const int64_t[::1] t_ns, const uint8_t[::1] kind, const uint8_t[::1] button, int64_t last_ns):
    """Index of the first bad event and what is bad about it: 0 nothing, 1 time, 2 kind, 3 button."""
    cdef Py_ssize_t i, n = t_ns.shape[0]
    cdef int64_t last = last_ns
    cdef int what = 0
    with nogil:
        for i in range(n):
            if t_ns[i] < last:
                what = 1
            elif kind[i] > SCROLLED:
                what = 2
            elif kind[i] >= PRESS and (button[i] == 0 or (kind[i] == SCROLLED and not 4 <= button[i] <= 7)):
                what = 3
            if what:
                break
            last = t_ns[i]
        else:
            i = -1
    return i, what


def yardstick(const double[::1] x, const double[::1] y):
    """Sum of hypot, atan2 and log of each step: the bare loop that the kernel's speed is measured by."""
    cdef Py_ssize_t i
    cdef double dx, dy, length, found = 0
    with nogil:
        for i in range(1, x.shape[0]):
            dx = x[i] - x[i - 1]
            dy = y[i] - y[i - 1]
            length = hypot(dx, dy)
            found += length + atan2(dy, dx) + log(length + 1)
    return found


cdef class Table:
    """Rows to be written into: five arrays of one length."""

    cdef Rows rows
    cdef object arrays

    def __cinit__(
        self,
        double[:, ::1] features,
        uint8_t[::1] kind,
        int64_t[::1] start,
        int64_t[::1] end,
        int32_t[::1] points,
    ):
        cdef Py_ssize_t n = features.shape[0]
        if n < MOST_ROWS or features.shape[1] != C_COUNT:
            raise ValueError(f"features: not of shape ({n}, {COLUMNS}), or fewer than {MOST_ROWS} rows")
        if not (kind.shape[0] == start.shape[0] == end.shape[0] == points.shape[0] == n):
            raise ValueError(f"kind, start, end, points: not of length {n}")
        self.arrays = (features, kind, start, end, points)
        self.rows.n = 0
        self.rows.capacity = n
        self.rows.features = &features[0, 0]
        self.rows.kind = &kind[0]
        self.rows.start = &start[0]
        self.rows.end = &end[0]
        self.rows.points = &points[0]

    def __len__(self):
        return self.rows.n


cdef class Kernel:
    """The state of one stream of events. Not to be used from two threads at once."""

    cdef State *s

    def __cinit__(self, int64_t gap_ns, Py_ssize_t max_points, bint frequency):
        if max_points > CAP:
            raise ValueError(f"max_points: {max_points} is more than {CAP}")
        self.s = <State *>malloc(sizeof(State))
        if self.s == NULL:
            raise MemoryError("no memory for the state of a stream")
        self.s.gap_ns = gap_ns
        self.s.max_points = max_points
        self.s.frequency = frequency
        reset(self.s)

    def __dealloc__(self):
        free(self.s)

    @property
    def open_since_ns(self):
        """Time of the first point of the open action, or None."""
        return self.s.p.t[0] if self.s.opened != CLOSED else None

    @property
    def last_event_ns(self):
        """Time of the last event that was kept, or None."""
        return self.s.last_t if self.s.has_event else None

    def push(
        self,
        const int64_t[::1] t_ns,
        const double[::1] x,
        const double[::1] y,
        const uint8_t[::1] kind,
        const uint8_t[::1] button,
        Py_ssize_t first,
        Table table,
    ):
        """Take checked events from `first` on while the table has room; returns the first not taken."""
        cdef Py_ssize_t i = first, n = t_ns.shape[0]
        cdef Rows *rows = &table.rows
        with nogil:
            while i < n and rows.n + MOST_ROWS <= rows.capacity:
                take(self.s, t_ns[i], x[i], y[i], kind[i], button[i], rows)
                i += 1
        return i

    def expire(self, int64_t now_ns, Table table):
        """Close the open action if its last event is more than the gap ago."""
        if self.s.opened != CLOSED and now_ns - self.s.last_t > self.s.gap_ns:
            close_action(self.s, False, &table.rows)

    def flush(self, Table table):
        """Close the open action at the end of the stream and forget all context."""
        close_action(self.s, False, &table.rows)
        reset(self.s)

    def discard(self):
        """Drop the open action and all context."""
        reset(self.s)
