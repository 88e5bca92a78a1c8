# The spatio-temporal features of one action, and the temporal ones that follow its speed.

from libc.math cimport fabs, log, sqrt
from libc.string cimport memcpy

from _fastfeat._action cimport Scratch
from _fastfeat._columns cimport *
from _fastfeat._lanes cimport choose, lower, squares, total, upper
from _fastfeat._order cimport SHORT, fill, in_lane, median_abs, quantile, sort_lanes
from _fastfeat._stats cimport spread


cdef inline void moments(Scratch *w, double *out) noexcept nogil:
    # Means, spreads and extremes of speed and of everything derived from it.
    cdef Py_ssize_t r = w.r
    if r < 1:
        return
    spread(w.vx, r, out + C_VX_MEAN_PX_S)
    spread(w.vy, r, out + C_VY_MEAN_PX_S)
    spread(w.v, r, out + C_V_MEAN_PX_S)
    out[C_V_FIRST_PX_S] = w.v[0]
    out[C_V_LAST_PX_S] = w.v[r - 1]
    if out[C_V_MAX_PX_S] > 0:
        out[C_V_PEAK_RATIO] = out[C_V_MAX_PX_S] / out[C_V_MEAN_PX_S]
    if w.omegas > 0:
        out[C_OMEGA_ABS_MEAN_RAD_S] = spread(w.omega, w.omegas, out + C_OMEGA_MEAN_RAD_S) / w.omegas
    if r > 1:
        spread(w.avec, r - 1, out + C_AVEC_MEAN_PX_S2)
        out[C_A_ABS_MEAN_PX_S2] = spread(w.a, r - 1, out + C_A_MEAN_PX_S2) / (r - 1)
    if r > 2:
        out[C_JERK_ABS_MEAN_PX_S3] = spread(w.jerk, r - 2, out + C_JERK_MEAN_PX_S3) / (r - 2)
    if r > 3:
        out[C_SNAP_ABS_MEAN_PX_S4] = spread(w.snap, r - 3, out + C_SNAP_MEAN_PX_S4) / (r - 3)


cdef inline void orders_short(Scratch *w, Py_ssize_t height, double *out) noexcept nogil:
    # Quantiles from six series that are sorted together; the longest has `height` values.
    cdef Py_ssize_t r = w.r, n = w.m - 1
    fill(w.lanes, 0, w.v, r, height)
    fill(w.lanes, 1, w.dt, r, height)
    fill(w.lanes, 2, w.a, r - 1, height)
    fill(w.lanes, 3, w.omega, w.omegas, height)
    fill(w.lanes, 4, w.phi, n, height)
    fill(w.lanes, 5, w.curv, n, height)
    sort_lanes(w.lanes, height)
    if r > 0:
        out[C_V_Q10_PX_S] = in_lane(w.lanes, 0, r, 0.1)
        out[C_V_MEDIAN_PX_S] = in_lane(w.lanes, 0, r, 0.5)
        out[C_V_Q90_PX_S] = in_lane(w.lanes, 0, r, 0.9)
        out[C_INTERVAL_MEDIAN_S] = in_lane(w.lanes, 1, r, 0.5)
    if r > 1:
        out[C_A_ABS_MEDIAN_PX_S2] = in_lane(w.lanes, 2, r - 1, 0.5)
    if w.omegas > 0:
        out[C_OMEGA_ABS_MEDIAN_RAD_S] = in_lane(w.lanes, 3, w.omegas, 0.5)
    if n > 0:
        out[C_TURN_ABS_MEDIAN_RAD] = in_lane(w.lanes, 4, n, 0.5)
        out[C_CURV_ABS_MEDIAN_RAD_PX] = in_lane(w.lanes, 5, n, 0.5)


cdef inline void orders_long(Scratch *w, double *out) noexcept nogil:
    # The same, one by one.
    cdef Py_ssize_t r = w.r, n = w.m - 1
    if r > 0:
        memcpy(w.tmp, w.v, r * sizeof(double))
        out[C_V_MEDIAN_PX_S] = quantile(w.tmp, r, 0.5)
        out[C_V_Q10_PX_S] = quantile(w.tmp, r, 0.1)
        out[C_V_Q90_PX_S] = quantile(w.tmp, r, 0.9)
        out[C_INTERVAL_MEDIAN_S] = median_abs(w.dt, r, w.tmp)
    if r > 1:
        out[C_A_ABS_MEDIAN_PX_S2] = median_abs(w.a, r - 1, w.tmp)
    if w.omegas > 0:
        out[C_OMEGA_ABS_MEDIAN_RAD_S] = median_abs(w.omega, w.omegas, w.tmp)
    if n > 0:
        out[C_TURN_ABS_MEDIAN_RAD] = median_abs(w.phi, n, w.tmp)
        out[C_CURV_ABS_MEDIAN_RAD_PX] = median_abs(w.curv, n, w.tmp)


cdef inline void orders(Scratch *w, double *out) noexcept nogil:
    cdef Py_ssize_t height = w.r if w.r > w.m - 1 else w.m - 1
    if height <= SHORT:
        orders_short(w, height, out)
    else:
        orders_long(w, out)


cdef inline void profile(Scratch *w, double *out) noexcept nogil:
    # When the peak comes, how long the first acceleration lasts, when half of the way is done.
    cdef Py_ssize_t j, r = w.r
    cdef double whole, still, half
    out[C_MOVING_S] = 0
    if r < 1:
        return
    whole = w.elapsed[r]
    for j in range(r):
        w.tmp[j] = choose(w.v[j] > 0, 0, w.dt[j])
    for j in range(r - 1):
        w.tmp2[j] = choose(w.v[j + 1] > w.v[j], w.dt[j + 1], 0)
    still = total(w.tmp, r)
    out[C_MOVING_S] = whole - still
    out[C_STILL_SHARE] = still / whole
    j = 0
    while w.v[j] != out[C_V_MAX_PX_S]:
        j += 1
    out[C_PEAK_TIME_S] = w.elapsed[j] + w.dt[j] * 0.5
    out[C_PEAK_TIME_SHARE] = out[C_PEAK_TIME_S] / whole
    if r > 1:
        j = 1
        while j < r and w.v[j] > w.v[j - 1]:
            j += 1
        out[C_ACCEL_TIME_S] = w.elapsed[j]
        out[C_ACCEL_SHARE] = total(w.tmp2, r - 1) / (whole - w.dt[0])
    half = 0.5 * w.covered[r]
    if half > 0:
        j = 0
        while w.covered[j + 1] < half:
            j += 1
        out[C_HALF_PATH_SHARE] = (w.elapsed[j] + w.dt[j] * ((half - w.covered[j]) / w.way[j])) / whole


cdef inline Py_ssize_t rises(Scratch *w, double top, double *peaks, Py_ssize_t *second) noexcept nogil:
    # The number of sub-movements, the peaks of the first two, and the interval in which the second begins.
    cdef Py_ssize_t j = 0, r = w.r, count = 0
    cdef double peak, valley = 0
    while True:
        while j < r:
            valley = lower(valley, w.v[j])
            if (w.v[j] > 2 * valley) & (w.v[j] >= 0.1 * top):
                break
            j += 1
        if j == r:
            return count
        if count == 1:
            second[0] = j
        peak = w.v[j]
        j += 1
        while j < r and w.v[j] >= 0.5 * peak:
            peak = upper(peak, w.v[j])
            j += 1
        if count < 2:
            peaks[count] = peak
        count += 1
        if j == r:
            return count
        valley = w.v[j]
        j += 1


cdef inline void submovements(Scratch *w, double *out) noexcept nogil:
    cdef Py_ssize_t j, r = w.r, count, maxima = 0, second = 0
    cdef double peaks[2]
    for j in range(r - 2):
        maxima += (w.v[j + 1] > w.v[j]) & (w.v[j + 1] >= w.v[j + 2])
    if r > 2:
        out[C_V_MAXIMA] = <double>maxima
    if r < 1 or out[C_V_MAX_PX_S] == 0:
        return
    count = rises(w, out[C_V_MAX_PX_S], peaks, &second)
    out[C_SUBMOVEMENTS] = <double>count
    out[C_SUBMOVEMENT_RATE_HZ] = count / w.elapsed[r]
    out[C_SUBMOVEMENT_FIRST_SHARE] = w.covered[second] / w.covered[r] if count > 1 else 1
    if count > 1:
        out[C_SUBMOVEMENT_PEAK_RATIO] = peaks[1] / peaks[0]


cdef inline void coupling(Scratch *w, double *out) noexcept nogil:
    # Correlations within the speed profile, and its smoothness.
    cdef Py_ssize_t j, r = w.r
    cdef double mx, my, xx, yy, xy, mean, spread2, jerk2, whole, peak
    if r < 3:
        return
    mean = out[C_V_MEAN_PX_S]
    for j in range(r):
        w.tmp[j] = fabs(w.vx[j])
        w.tmp2[j] = fabs(w.vy[j])
    mx = total(w.tmp, r) / r
    my = total(w.tmp2, r) / r
    xx = squares(w.tmp, r, mx)
    yy = squares(w.tmp2, r, my)
    for j in range(r):
        w.tmp[j] = (w.tmp[j] - mx) * (w.tmp2[j] - my)
    xy = total(w.tmp, r)
    # Below this a spread is the rounding of equal values.
    if xx > 1e-12 * r * mx * mx and yy > 1e-12 * r * my * my:
        out[C_V_XY_CORRELATION] = xy / sqrt(xx * yy)
    spread2 = out[C_V_SD_PX_S] * out[C_V_SD_PX_S] * r
    for j in range(r - 1):
        w.tmp[j] = (w.v[j + 1] - mean) * (w.v[j] - mean)
    if spread2 > 1e-12 * r * mean * mean:
        out[C_V_LAG1] = total(w.tmp, r - 1) / spread2
    for j in range(r - 2):
        w.tmp[j] = w.jerk[j] * w.jerk[j] * w.dt[j + 1]
    jerk2 = total(w.tmp, r - 2)
    if jerk2 > 0 and out[C_V_MAX_PX_S] > 0:
        whole = w.elapsed[r]
        peak = out[C_V_MAX_PX_S]
        out[C_SMOOTHNESS_LDLJ] = -log(jerk2 * (whole * whole * whole) / (peak * peak))
