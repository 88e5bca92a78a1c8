# Rests, clicks, drags, scrolling, and the context of one action.

from libc.math cimport sqrt
from libc.stdint cimport int64_t

from _fastfeat._action cimport Facts, Points, Scratch
from _fastfeat._columns cimport *
from _fastfeat._lanes cimport choose, sum_size_hi_lo, total
from _fastfeat._order cimport median_abs
from _fastfeat._stats cimport spread


cdef inline double capped_s(int64_t ns, double undefined) noexcept nogil:
    cdef double s = <double>ns * 1e-9
    return undefined if ns < 0 else (60 if s > 60 else s)


cdef inline void context(const Points *p, const Facts *f, double *out) noexcept nogil:
    # What every row has: size, and what came before.
    cdef double nan = out[C_HOLD_S]
    out[C_DURATION_S] = <double>(p.t[p.n - 1] - p.t[0]) * 1e-9
    out[C_POINTS] = <double>p.n
    out[C_BEFORE_PAUSE_S] = capped_s(f.before_ns, nan)
    out[C_SINCE_CLICK_S] = capped_s(f.since_click_ns, nan)
    out[C_SINCE_ACTION_S] = capped_s(f.since_action_ns, nan)
    out[C_CLICKS] = <double>f.clicks
    out[C_DOUBLE_CLICKS] = <double>f.double_clicks
    if f.double_ns >= 0:
        out[C_DOUBLE_CLICK_S] = <double>f.double_ns * 1e-9
    if f.last_hold_ns >= 0:
        out[C_LAST_HOLD_S] = <double>f.last_hold_ns * 1e-9


cdef inline void rests(Scratch *w, double *out) noexcept nogil:
    cdef Py_ssize_t k, count = 0
    cdef double whole
    cdef double found[4]
    for k in range(w.m):
        w.tmp[k] = w.qt[k + 1] - w.qt[k]
    w.tmp[w.m] = out[C_DURATION_S] - w.qt[w.m]
    for k in range(w.m + 1):
        count += w.tmp[k] > 0.25
        w.tmp2[k] = choose(w.tmp[k] > 0.25, w.tmp[k], 0)
    whole = total(w.tmp2, w.m + 1)
    sum_size_hi_lo(w.tmp, w.m + 1, found)
    out[C_PAUSES] = <double>count
    out[C_PAUSES_TOTAL_S] = whole
    out[C_PAUSE_LONGEST_S] = found[2]
    if out[C_DURATION_S] > 0:
        out[C_PAUSE_SHARE] = whole / out[C_DURATION_S]
        out[C_PACE_PX_S] = out[C_PATH_PX] / out[C_DURATION_S]
        out[C_THROUGHPUT_PX_S] = out[C_CHORD_PX] / out[C_DURATION_S]


cdef inline void click(const Points *p, const Facts *f, Scratch *w, double *out) noexcept nogil:
    # The press at point f.press, and the release as the last point if it was seen.
    cdef Py_ssize_t k, before = 0
    cdef double press, x, y, near = 0, after = 0
    out[C_BUTTON] = <double>f.button
    if f.hold_ns >= 0:
        out[C_HOLD_S] = <double>f.hold_ns * 1e-9
    if f.press < 0:
        return
    press = <double>(p.t[f.press] - p.t[0]) * 1e-9
    for k in range(1, w.m + 1):
        if w.qi[k] <= f.press:
            before = k
            near += w.s[k - 1] if press - w.qt[k] <= 0.25 else 0
        else:
            after += w.s[k - 1]
    out[C_PRESS_SPEED_PX_S] = near / 0.25
    out[C_PRESS_PATH_PX] = after
    if before > 0:
        out[C_PRESS_PAUSE_S] = press - w.qt[before]
    if before < w.m:
        out[C_DRAG_LAG_S] = w.qt[before + 1] - press
    if f.released:
        x = p.x[p.n - 1] - p.x[f.press]
        y = p.y[p.n - 1] - p.y[f.press]
        out[C_CLICK_SLIP_PX] = sqrt(x * x + y * y)
        if before < w.m:
            out[C_DRAG_SETTLE_S] = out[C_DURATION_S] - w.qt[w.m]


cdef inline void scroll(const Points *p, Scratch *w, double *out) noexcept nogil:
    cdef Py_ssize_t i, n = p.n, gaps = p.n - 1, half = gaps // 2
    cdef Py_ssize_t net = 0, sideways = 0, reversals = 0, bursts = 1
    cdef double between = 0
    for i in range(n):
        net += 1 if p.button[i] == 5 or p.button[i] == 7 else -1
        sideways += p.button[i] >= 6
        if i > 0:
            w.dt[i - 1] = <double>(p.t[i] - p.t[i - 1]) * 1e-9
            reversals += p.button[i] != p.button[i - 1]
            if w.dt[i - 1] > 0.2:
                bursts += 1
                between += w.dt[i - 1]
    if out[C_DURATION_S] > 0:
        out[C_SCROLL_RATE_HZ] = gaps / out[C_DURATION_S]
    out[C_SCROLL_NET] = <double>net / n
    out[C_SCROLL_HORIZONTAL_SHARE] = <double>sideways / n
    out[C_SCROLL_REVERSALS] = <double>reversals
    spread(w.dt, gaps, out + C_SCROLL_GAP_MEAN_S)
    out[C_SCROLL_GAP_MEDIAN_S] = median_abs(w.dt, gaps, w.tmp)
    out[C_SCROLL_BURSTS] = <double>bursts
    out[C_SCROLL_BURST_TICKS] = <double>n / bursts
    if bursts > 1:
        out[C_SCROLL_BURST_PAUSE_S] = between / (bursts - 1)
    if half > 0:
        out[C_SCROLL_SLOWING_S] = (total(w.dt + gaps - half, half) - total(w.dt, half)) / half
