# Segmentation: one event at a time, through the open action into rows. The rules are in schema.py.

from libc.math cimport fabs
from libc.stdint cimport int32_t, int64_t, uint8_t

from _fastfeat._action cimport DD, MM, PC, ROOM, SCROLL, Facts, Points, Rows, Scratch
from _fastfeat._columns cimport C_COUNT
from _fastfeat._measure cimport measure

cdef enum:
    MOVE = 0
    DRAG = 1
    PRESS = 2
    RELEASE = 3
    SCROLLED = 4

cdef enum:
    CLOSED = 0
    POINTER = 1
    SCROLLING = 2

cdef enum:
    LEAST_POINTS = 4
    LEAST_TICKS = 2
    LEAST_DRAGS = 4
    DOUBLE_CLICK_NS = 500_000_000
    DOUBLE_CLICK_PX = 4
    GLITCH_PX = 65535
    MOST_ROWS = 3             # of one event: a cut, the move before a drag, and the cap


# Added and taken away, it leaves a multiple of 1/1024: 1.5 * 2^42 has the last bit there.
cdef extern from *:
    """
    #define FF_ROUNDER 6597069766656.0
    """
    double ROUNDER "FF_ROUNDER"


cdef struct State:
    int64_t gap_ns
    Py_ssize_t max_points
    bint frequency
    # The open action.
    int opened
    Points p                  # points into the four arrays that follow
    int64_t t[ROOM]
    double x[ROOM]
    double y[ROOM]
    uint8_t button[ROOM]
    Scratch w
    bint held                 # some of its points are from the press on
    bint dragging             # it is a DD: enough DRAG events came
    Py_ssize_t drags
    Py_ssize_t press          # index of its press, or -1
    int64_t before_ns         # what was known at its start, and at its press
    int64_t since_click_ns
    int64_t since_click_press_ns
    int64_t hold_before_ns
    # The event before.
    bint has_event
    int64_t last_t
    double last_x
    double last_y
    uint8_t last_kind
    uint8_t last_button
    # Buttons and clicks.
    uint8_t down              # the button that is held, or 0
    int64_t down_t
    int64_t press_t           # the last press, or -1
    uint8_t press_button
    double press_x
    double press_y
    int64_t double_now_ns     # from the press before to the last press if that may be a double click, or -1
    int64_t hold_ns           # the last click's, or -1
    int64_t row_end           # end of the last row, or -1
    Py_ssize_t clicks
    Py_ssize_t double_clicks
    int64_t double_ns


cdef inline void reset(State *s) noexcept nogil:
    # Forget the open action and everything before it.
    s.opened = CLOSED
    s.p.n = 0
    s.p.t = s.t
    s.p.x = s.x
    s.p.y = s.y
    s.p.button = s.button
    s.has_event = False
    s.down = 0
    s.press_t = s.hold_ns = s.row_end = s.double_ns = s.double_now_ns = -1
    s.clicks = s.double_clicks = 0


cdef inline void emit(State *s, const Points *p, Facts *f, Rows *rows) noexcept nogil:
    # One row from an action that is complete.
    cdef Py_ssize_t at = rows.n
    f.since_action_ns = p.t[0] - s.row_end if s.row_end >= 0 else -1
    f.last_hold_ns = s.hold_before_ns
    f.frequency = s.frequency
    f.clicks = s.clicks
    f.double_clicks = s.double_clicks
    f.double_ns = s.double_ns
    measure(p, f, &s.w, rows.features + at * C_COUNT)
    rows.kind[at] = <uint8_t>f.kind
    rows.start[at] = p.t[0]
    rows.end[at] = p.t[p.n - 1]
    rows.points[at] = <int32_t>p.n
    rows.n = at + 1
    s.row_end = rows.end[at]
    s.clicks = s.double_clicks = 0
    s.double_ns = -1


cdef inline void close_action(State *s, bint released, Rows *rows) noexcept nogil:
    # End the open action, at its release or by a cut.
    cdef Facts f
    cdef int state = s.opened
    s.opened = CLOSED
    if state == CLOSED or s.p.n < (LEAST_TICKS if state == SCROLLING else LEAST_POINTS):
        return
    f.kind = SCROLL if state == SCROLLING else (DD if s.dragging else (PC if s.held else MM))
    f.button = s.down
    f.press = s.press
    f.released = released
    f.hold_ns = s.hold_ns if released else -1
    f.before_ns = s.before_ns
    f.since_click_ns = s.since_click_press_ns if s.press >= 0 else s.since_click_ns
    emit(s, &s.p, &f, rows)


cdef inline void begin_drag(State *s, Rows *rows) noexcept nogil:
    # The press turns out to begin a DD: the points before it end as an MM.
    cdef Facts f
    cdef Points before
    cdef Py_ssize_t i, n = s.press
    s.dragging = True
    if n <= 0:
        return
    if n >= LEAST_POINTS:
        before = s.p
        before.n = n
        f.kind = MM
        f.button = 0
        f.press = -1
        f.released = False
        f.hold_ns = -1
        f.before_ns = s.before_ns
        f.since_click_ns = s.since_click_ns
        emit(s, &before, &f, rows)
    s.before_ns = s.p.t[n] - s.p.t[n - 1]
    for i in range(s.p.n - n):
        s.p.t[i] = s.p.t[i + n]
        s.p.x[i] = s.p.x[i + n]
        s.p.y[i] = s.p.y[i + n]
    s.p.n -= n
    s.press = 0


cdef inline void add(State *s, int state, int64_t t, double x, double y, uint8_t button) noexcept nogil:
    # A point of the open action, or the first of a new one.
    cdef Py_ssize_t n
    if s.opened == CLOSED:
        s.opened = state
        s.p.n = 0
        s.held = s.down != 0 and state == POINTER
        s.dragging = False
        s.drags = 0
        s.press = -1
        s.before_ns = t - s.last_t if s.has_event else -1
        s.since_click_ns = t - s.press_t if s.press_t >= 0 else -1
        s.hold_before_ns = s.hold_ns
    n = s.p.n
    s.p.t[n] = t
    s.p.x[n] = x
    s.p.y[n] = y
    s.p.button[n] = button
    s.p.n = n + 1


cdef inline void press(State *s, int64_t t, double x, double y, uint8_t button) noexcept nogil:
    # The open action's own press: its last point.
    s.held = True
    s.press = s.p.n - 1
    s.drags = 0
    s.since_click_press_ns = t - s.press_t if s.press_t >= 0 else -1
    s.double_now_ns = -1
    if s.since_click_press_ns >= 0 and s.since_click_press_ns <= DOUBLE_CLICK_NS and button == s.press_button:
        if fabs(x - s.press_x) <= DOUBLE_CLICK_PX and fabs(y - s.press_y) <= DOUBLE_CLICK_PX:
            s.double_now_ns = s.since_click_press_ns
    s.down = button
    s.down_t = s.press_t = t
    s.press_button = button
    s.press_x = x
    s.press_y = y


cdef inline void let_go(State *s, int64_t t, Rows *rows) noexcept nogil:
    # The release of the button that is down: a click is complete, and the action with it.
    s.hold_ns = t - s.down_t
    s.clicks += 1
    if s.double_now_ns >= 0:
        s.double_clicks += 1
        s.double_ns = s.double_now_ns
    close_action(s, True, rows)
    s.down = 0


cdef inline void follow(
    State *s, int64_t t, double x, double y, uint8_t kind, uint8_t button, Rows *rows
) noexcept nogil:
    # What one kept event does to the open action.
    cdef int state = SCROLLING if kind == SCROLLED else POINTER
    cdef bint lost = s.down != 0 and (kind == MOVE or (kind == PRESS and button == s.down))
    if s.opened != CLOSED and (s.opened != state or lost):
        close_action(s, False, rows)
    if lost:
        s.down = 0
    add(s, state, t, x, y, button)
    if kind == DRAG and s.down != 0:
        s.drags += 1
        if s.drags == LEAST_DRAGS:
            begin_drag(s, rows)
    elif kind == PRESS and s.down == 0:
        press(s, t, x, y, button)
    elif kind == RELEASE and button == s.down:
        let_go(s, t, rows)
    if s.p.n >= s.max_points:
        close_action(s, False, rows)


cdef inline void take(
    State *s, int64_t t, double x, double y, uint8_t kind, uint8_t button, Rows *rows
) noexcept nogil:
    # Clean, cut at a gap, follow. Writes at most MOST_ROWS rows.
    if kind != SCROLLED and not (fabs(x) < GLITCH_PX and fabs(y) < GLITCH_PX):
        return
    x = (x + ROUNDER) - ROUNDER
    y = (y + ROUNDER) - ROUNDER
    if s.has_event and t == s.last_t and kind == s.last_kind and button == s.last_button:
        if kind == SCROLLED or (x == s.last_x and y == s.last_y):
            return
    if s.opened != CLOSED and t - s.last_t > s.gap_ns:
        close_action(s, False, rows)
    follow(s, t, x, y, kind, button, rows)
    s.has_event = True
    s.last_t = t
    s.last_x = x
    s.last_y = y
    s.last_kind = kind
    s.last_button = button
