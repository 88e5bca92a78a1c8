"""Segmentation and features in one pass, without the GIL. Called through `_fastfeat.stream`."""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.string cimport memcpy, memset

from _fastfeat._action cimport Rows
from _fastfeat._columns cimport C_COUNT
from _fastfeat._segment cimport PRESS, SCROLLED, State, close_action, release_state, reset, take

COLUMNS = <int>C_COUNT


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


cdef class Kernel:
    """The state of one stream of events. Not to be used from two threads at once."""

    cdef State s

    def __cinit__(self, int64_t gap_ns, Py_ssize_t max_points, bint frequency):
        memset(&self.s, 0, sizeof(State))
        self.s.gap_ns = gap_ns
        self.s.max_points = max_points
        self.s.frequency = frequency
        reset(&self.s)

    def __dealloc__(self):
        release_state(&self.s)

    @property
    def open_since_ns(self):
        """Time of the first point of the open action, or None."""
        return self.s.p.t[0] if self.s.opened else None

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
    ):
        """Take checked events; returns the number of rows that wait to be fetched."""
        cdef Py_ssize_t i, n = t_ns.shape[0]
        cdef bint failed = False
        with nogil:
            for i in range(n):
                if take(&self.s, t_ns[i], x[i], y[i], kind[i], button[i]) < 0:
                    failed = True
                    break
        if failed:
            raise MemoryError("no memory for the open action or its rows")
        return self.s.rows.n

    def expire(self, int64_t now_ns):
        """Close the open action if its last event is more than the gap ago; returns as `push`."""
        if self.s.opened and now_ns - self.s.last_t > self.s.gap_ns and close_action(&self.s, False) < 0:
            raise MemoryError("no memory for a row")
        return self.s.rows.n

    def flush(self):
        """Close the open action at the end of the stream and forget all context; returns as `push`."""
        if close_action(&self.s, False) < 0:
            raise MemoryError("no memory for a row")
        reset(&self.s)
        return self.s.rows.n

    def discard(self):
        """Drop the open action and all context."""
        reset(&self.s)

    def fetch(
        self,
        double[:, ::1] features,
        uint8_t[::1] kind,
        int64_t[::1] start,
        int64_t[::1] end,
        int32_t[::1] points,
    ):
        """Move the waiting rows into arrays of exactly their number."""
        cdef Rows *rows = &self.s.rows
        cdef Py_ssize_t n = rows.n
        if features.shape[0] != n or features.shape[1] != C_COUNT:
            raise ValueError(f"features: not of shape ({n}, {COLUMNS})")
        if not (kind.shape[0] == start.shape[0] == end.shape[0] == points.shape[0] == n):
            raise ValueError(f"kind, start, end, points: not of length {n}")
        if n == 0:
            return
        memcpy(&features[0, 0], rows.features, n * C_COUNT * sizeof(double))
        memcpy(&kind[0], rows.kind, n * sizeof(uint8_t))
        memcpy(&start[0], rows.start, n * sizeof(int64_t))
        memcpy(&end[0], rows.end, n * sizeof(int64_t))
        memcpy(&points[0], rows.points, n * sizeof(int32_t))
        rows.n = 0
