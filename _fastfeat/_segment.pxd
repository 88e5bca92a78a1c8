# Segmentation: one event at a time, through the open action into rows. The rules are in schema.py.

from libc.math cimport fabs
from libc.stdint cimport int32_t, int64_t, uint8_t

from _fastfeat._action cimport DD, MM, PC, SCROLL, Facts, Points, Rows, Scratch
from _fastfeat._columns cimport C_COUNT
from _fastfeat._measure cimport measure
from _fastfeat._memory cimport grow_points, grow_rows, grow_scratch, release

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


cdef struct State:
    int64_t gap_ns
    Py_ssize_t max_points
    bint frequency
    # The open action.
    int opened
    Points p
    Py_ssize_t capacity
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
    Rows rows


cdef inline void reset(State *s) noexcept nogil:
    # Forget the open action and everything before it. Rows that wait stay.
    s.opened = CLOSED
    s.p.n = 0
    s.has_event = False
    s.down = 0
    s.press_t = s.hold_ns = s.row_end = s.double_ns = s.double_now_ns = -1
    s.clicks = s.double_clicks = 0


cdef inline void release_state(State *s) noexcept nogil:
    release(&s.p, &s.w, &s.rows)


cdef inline int emit(State *s, const Points *p, Facts *f) noexcept nogil:
    # One row from an action that is complete.
    cdef Rows *rows = &s.rows
    cdef Py_ssize_t at = rows.n
    if at == rows.capacity and grow_rows(rows) < 0:
        return -1
    f.since_action_ns = p.t[0] - s.row_end if s.row_end >= 0 else -1
    f.last_hold_ns = s.hold_before_ns
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
    return 0


cdef inline int close_action(State *s, bint released) noexcept nogil:
    # End the open action, at its release or by a cut.
    cdef Facts f
    cdef int state = s.opened
    s.opened = CLOSED
    if state == CLOSED or s.p.n < (LEAST_TICKS if state == SCROLLING else LEAST_POINTS):
        return 0
    f.kind = SCROLL if state == SCROLLING else (DD if s.dragging else (PC if s.held else MM))
    f.button = s.down
    f.press = s.press
    f.released = released
    f.hold_ns = s.hold_ns if released else -1
    f.before_ns = s.before_ns
    f.since_click_ns = s.since_click_press_ns if s.press >= 0 else s.since_click_ns
    return emit(s, &s.p, &f)


cdef inline int begin_drag(State *s) noexcept nogil:
    # The press turns out to begin a DD: the points before it end as an MM.
    cdef Facts f
    cdef Points before
    cdef Py_ssize_t i, n = s.press
    s.dragging = True
    if n <= 0:
        return 0
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
        if emit(s, &before, &f) < 0:
            return -1
    s.before_ns = s.p.t[n] - s.p.t[n - 1]
    for i in range(s.p.n - n):
        s.p.t[i] = s.p.t[i + n]
        s.p.x[i] = s.p.x[i + n]
        s.p.y[i] = s.p.y[i + n]
    s.p.n -= n
    s.press = 0
    return 0


cdef inline int add(State *s, int state, int64_t t, double x, double y, uint8_t button) noexcept nogil:
    # A point of the open action, or the first of a new one.
    cdef Py_ssize_t n, capacity
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
    if n == s.capacity:
        capacity = 2 * n if n else 256
        if grow_points(&s.p, capacity) < 0 or grow_scratch(&s.w, capacity + 2) < 0:
            return -1
        s.capacity = capacity
    s.p.t[n] = t
    s.p.x[n] = x
    s.p.y[n] = y
    s.p.button[n] = button
    s.p.n = n + 1
    return 0


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


cdef inline int let_go(State *s, int64_t t) noexcept nogil:
    # The release of the button that is down: a click is complete, and the action with it.
    cdef int done
    s.hold_ns = t - s.down_t
    s.clicks += 1
    if s.double_now_ns >= 0:
        s.double_clicks += 1
        s.double_ns = s.double_now_ns
    done = close_action(s, True)
    s.down = 0
    return done


cdef inline int follow(State *s, int64_t t, double x, double y, uint8_t kind, uint8_t button) noexcept nogil:
    # What one kept event does to the open action.
    cdef int state = SCROLLING if kind == SCROLLED else POINTER
    cdef bint lost = s.down != 0 and (kind == MOVE or (kind == PRESS and button == s.down))
    if s.opened != CLOSED and (s.opened != state or lost) and close_action(s, False) < 0:
        return -1
    if lost:
        s.down = 0
    if add(s, state, t, x, y, button) < 0:
        return -1
    if kind == DRAG and s.down != 0:
        s.drags += 1
        if s.drags == LEAST_DRAGS and begin_drag(s) < 0:
            return -1
    elif kind == PRESS and s.down == 0:
        press(s, t, x, y, button)
    elif kind == RELEASE and button == s.down:
        return let_go(s, t)
    return close_action(s, False) if s.p.n >= s.max_points else 0


cdef inline int take(State *s, int64_t t, double x, double y, uint8_t kind, uint8_t button) noexcept nogil:
    # Clean, cut at a gap, follow. Returns -1 when memory runs out.
    if kind != SCROLLED and not (fabs(x) < GLITCH_PX and fabs(y) < GLITCH_PX):
        return 0
    if s.has_event and t == s.last_t and kind == s.last_kind and button == s.last_button:
        if kind == SCROLLED or (x == s.last_x and y == s.last_y):
            return 0
    if s.opened != CLOSED and t - s.last_t > s.gap_ns and close_action(s, False) < 0:
        return -1
    if follow(s, t, x, y, kind, button) < 0:
        return -1
    s.has_event = True
    s.last_t = t
    s.last_x = x
    s.last_y = y
    s.last_kind = kind
    s.last_button = button
    return 0
