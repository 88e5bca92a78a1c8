# The spatio-temporal features of one action, and the temporal ones that follow its speed.

from libc.math cimport fabs, log, sqrt
from libc.string cimport memcpy

from _fastfeat._action cimport Scratch
from _fastfeat._columns cimport *
from _fastfeat._stats cimport median_abs, quantile, spread, squares, total, total_abs


cdef inline void speeds(Scratch *w, double *out) noexcept nogil:
    cdef Py_ssize_t j, r = w.r
    cdef double still = 0, whole = 0
    out[C_MOVING_S] = 0
    if r < 1:
        return
    spread(w.vx, r, out + C_VX_MEAN_PX_S)
    spread(w.vy, r, out + C_VY_MEAN_PX_S)
    spread(w.v, r, out + C_V_MEAN_PX_S)
    memcpy(w.tmp, w.v, r * sizeof(double))
    out[C_V_MEDIAN_PX_S] = quantile(w.tmp, r, 0.5)
    out[C_V_Q10_PX_S] = quantile(w.tmp, r, 0.1)
    out[C_V_Q90_PX_S] = quantile(w.tmp, r, 0.9)
    out[C_V_FIRST_PX_S] = w.v[0]
    out[C_V_LAST_PX_S] = w.v[r - 1]
    for j in range(r):
        whole += w.dt[j]
        if w.v[j] == 0:
            still += w.dt[j]
        else:
            out[C_MOVING_S] += w.dt[j]
    out[C_STILL_SHARE] = still / whole
    if out[C_V_MAX_PX_S] > 0:
        out[C_V_PEAK_RATIO] = out[C_V_MAX_PX_S] / out[C_V_MEAN_PX_S]


cdef inline void changes(Scratch *w, Py_ssize_t turns, double *out) noexcept nogil:
    # Acceleration, jerk, snap, angular speed and the length of the acceleration vector.
    cdef Py_ssize_t j, r = w.r
    cdef double fx, fy
    spread(w.omega, turns, out + C_OMEGA_MEAN_RAD_S)
    if turns > 0:
        out[C_OMEGA_ABS_MEAN_RAD_S] = total_abs(w.omega, turns) / turns
        out[C_OMEGA_ABS_MEDIAN_RAD_S] = median_abs(w.omega, turns, w.tmp)
    if r < 2:
        return
    spread(w.a, r - 1, out + C_A_MEAN_PX_S2)
    out[C_A_ABS_MEAN_PX_S2] = total_abs(w.a, r - 1) / (r - 1)
    out[C_A_ABS_MEDIAN_PX_S2] = median_abs(w.a, r - 1, w.tmp)
    for j in range(r - 1):
        fx = w.vx[j + 1] - w.vx[j]
        fy = w.vy[j + 1] - w.vy[j]
        w.tmp[j] = sqrt(fx * fx + fy * fy) / ((w.dt[j + 1] + w.dt[j]) * 0.5)
    spread(w.tmp, r - 1, out + C_AVEC_MEAN_PX_S2)
    spread(w.jerk, r - 2, out + C_JERK_MEAN_PX_S3)
    spread(w.snap, r - 3, out + C_SNAP_MEAN_PX_S4)
    if r > 2:
        out[C_JERK_ABS_MEAN_PX_S3] = total_abs(w.jerk, r - 2) / (r - 2)
    if r > 3:
        out[C_SNAP_ABS_MEAN_PX_S4] = total_abs(w.snap, r - 3) / (r - 3)


cdef inline void profile(Scratch *w, double *out) noexcept nogil:
    # When the peak comes, how long the first acceleration lasts, when half of the way is done.
    cdef Py_ssize_t j, r = w.r, peak = 0
    cdef double whole = 0, to_peak = 0, first = 0, rising = 0, way = 0, half = 0, done = 0, elapsed = 0
    cdef bint accelerating = True
    if r < 1:
        return
    for j in range(r):
        if w.v[j] > w.v[peak]:
            peak = j
            to_peak = whole
        if j > 0:
            if w.v[j] > w.v[j - 1]:
                rising += w.dt[j]
            else:
                accelerating = False
        if accelerating:
            first += w.dt[j]
        whole += w.dt[j]
        way += w.way[j]
    out[C_PEAK_TIME_S] = to_peak + w.dt[peak] * 0.5
    out[C_PEAK_TIME_SHARE] = out[C_PEAK_TIME_S] / whole
    if r > 1:
        out[C_ACCEL_TIME_S] = first
        out[C_ACCEL_SHARE] = rising / (whole - w.dt[0])
    if way == 0:
        return
    half = 0.5 * way
    for j in range(r):
        if done + w.way[j] >= half:
            out[C_HALF_PATH_SHARE] = (elapsed + w.dt[j] * ((half - done) / w.way[j])) / whole
            return
        done += w.way[j]
        elapsed += w.dt[j]


cdef inline void submovements(Scratch *w, double *out) noexcept nogil:
    cdef Py_ssize_t j, r = w.r, count = 0, maxima = 0
    cdef double top = out[C_V_MAX_PX_S], peak = 0, valley = 0, way = 0, whole = 0, first_way = 0
    cdef double peaks[2]
    cdef bint up = False
    for j in range(1, r - 1):
        maxima += (w.v[j] > w.v[j - 1]) & (w.v[j] >= w.v[j + 1])
    if r > 2:
        out[C_V_MAXIMA] = <double>maxima
    if r < 1 or top == 0:
        return
    peaks[0] = peaks[1] = 0
    for j in range(r):
        if up:
            if w.v[j] > peak:
                peak = w.v[j]
            elif w.v[j] < 0.5 * peak:
                up = False
                valley = w.v[j]
        else:
            valley = w.v[j] if w.v[j] < valley else valley
            if w.v[j] > 2 * valley and w.v[j] >= 0.1 * top:
                up = True
                count += 1
                peak = w.v[j]
                if count == 2:
                    first_way = way
        if up and count <= 2:
            peaks[count - 1] = peak
        way += w.way[j]
        whole += w.dt[j]
    out[C_SUBMOVEMENTS] = <double>count
    out[C_SUBMOVEMENT_RATE_HZ] = count / whole
    out[C_SUBMOVEMENT_FIRST_SHARE] = first_way / way if count > 1 else 1
    if count > 1:
        out[C_SUBMOVEMENT_PEAK_RATIO] = peaks[1] / peaks[0]


cdef inline void coupling(Scratch *w, double *out) noexcept nogil:
    # Correlations within the speed profile, and its smoothness.
    cdef Py_ssize_t j, r = w.r
    cdef double mx, my, fx, fy, mean, spread2, whole, peak
    cdef double xx = 0, yy = 0, xy = 0, lag = 0, jerk2 = 0
    if r < 3:
        return
    mx = total_abs(w.vx, r) / r
    my = total_abs(w.vy, r) / r
    mean = out[C_V_MEAN_PX_S]
    for j in range(r):
        fx = fabs(w.vx[j]) - mx
        fy = fabs(w.vy[j]) - my
        xx += fx * fx
        yy += fy * fy
        xy += fx * fy
    # Below this a spread is the rounding of equal values.
    if xx > 1e-12 * r * mx * mx and yy > 1e-12 * r * my * my:
        out[C_V_XY_CORRELATION] = xy / sqrt(xx * yy)
    spread2 = squares(w.v, r, mean)
    for j in range(1, r):
        lag += (w.v[j] - mean) * (w.v[j - 1] - mean)
    if spread2 > 1e-12 * r * mean * mean:
        out[C_V_LAG1] = lag / spread2
    for j in range(r - 2):
        jerk2 += w.jerk[j] * w.jerk[j] * w.dt[j + 1]
    if jerk2 > 0 and out[C_V_MAX_PX_S] > 0:
        whole = total(w.dt, r)
        peak = out[C_V_MAX_PX_S]
        out[C_SMOOTHNESS_LDLJ] = -log(jerk2 * (whole * whole * whole) / (peak * peak))
