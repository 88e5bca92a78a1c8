# The spatial features of one action, and the signature of its device.

from libc.math cimport fabs, sqrt

from _fastfeat._action cimport Points, Scratch
from _fastfeat._columns cimport *
from _fastfeat._lanes cimport choose, lower, sign_changes, step_counts, sum_size_hi_lo, total
from _fastfeat._stats cimport spread


cdef inline double share(double part, double whole, double undefined) noexcept nogil:
    return part / whole if whole > 0 else undefined


cdef inline void extent(Scratch *w, double *out) noexcept nogil:
    # Length, travel and extent of the path; needs out[C_CHORD_PX].
    cdef double nan = out[C_STRAIGHTNESS], x = 0, y = 0
    cdef double found[4]
    if w.m > 0:
        sum_size_hi_lo(w.dx, w.m, found)
        x = found[1]
        sum_size_hi_lo(w.dy, w.m, found)
        y = found[1]
    out[C_PATH_PX] = spread(w.s, w.m, out + C_STEP_MEAN_PX)
    out[C_STRAIGHTNESS] = share(out[C_CHORD_PX], out[C_PATH_PX], nan)
    out[C_X_TRAVEL_PX] = x
    out[C_Y_TRAVEL_PX] = y
    out[C_X_TRAVEL_SHARE] = share(x, x + y, nan)
    sum_size_hi_lo(w.qx, w.m + 1, found)
    out[C_WIDTH_PX] = found[2] - found[3]
    sum_size_hi_lo(w.qy, w.m + 1, found)
    out[C_HEIGHT_PX] = found[2] - found[3]


cdef inline void flips(Scratch *w, double *out) noexcept nogil:
    # Places and steps in the chord's own axes, unscaled, and the changes of sign along the way.
    cdef Py_ssize_t k
    cdef double cx = w.qx[w.m], cy = w.qy[w.m]
    cdef const double *series[6]
    cdef double changes[6]
    for k in range(w.m):
        w.tmp[k] = cx * w.dx[k] + cy * w.dy[k]
        w.tmp2[k] = cx * w.dy[k] - cy * w.dx[k]
    for k in range(w.m + 1):
        w.along[k] = cx * w.qx[k] + cy * w.qy[k]
        w.across[k] = cx * w.qy[k] - cy * w.qx[k]
    if w.m > 0:
        w.cross[w.m - 1] = 0  # one turn fewer than steps
    series[0] = w.dx
    series[1] = w.dy
    series[2] = w.cross
    series[3] = w.across + 1  # the first is 0
    series[4] = w.tmp
    series[5] = w.tmp2
    sign_changes(series, w.m, changes)
    out[C_X_FLIPS] = changes[0]
    out[C_Y_FLIPS] = changes[1]
    out[C_INFLECTIONS] = changes[2]
    if cx != 0 or cy != 0:
        out[C_AXIS_CROSSINGS] = changes[3]
        out[C_DIRECTION_CHANGES] = changes[4]
        out[C_ORTHOGONAL_CHANGES] = changes[5]


cdef inline void chord(Scratch *w, double *out) noexcept nogil:
    # Deviation from the chord, and what lies before and behind it.
    cdef Py_ssize_t k, at = 0
    cdef double cx = w.qx[w.m], cy = w.qy[w.m], length = sqrt(cx * cx + cy * cy), scale, far, area = 0
    cdef double four[4]
    for k in range(w.m):
        area += w.qx[k] * w.dy[k] - w.qy[k] * w.dx[k]
    out[C_CHORD_PX] = length
    out[C_AREA_PX2] = 0.5 * area
    if length == 0:
        return
    scale = 1 / length
    out[C_DIRECTION_SIN] = cy * scale
    out[C_DIRECTION_COS] = cx * scale
    out[C_DEV_MEAN_PX] = spread(w.across, w.m + 1, four) / (w.m + 1) * scale
    out[C_DEV_OFFSET_PX] = four[0] * scale
    out[C_DEV_SD_PX] = four[1] * scale
    out[C_DEV_LEFT_PX] = four[2] * scale
    out[C_DEV_RIGHT_PX] = -four[3] * scale
    far = four[2] if four[2] > -four[3] else -four[3]
    while fabs(w.across[at]) != far:
        at += 1
    out[C_DEV_MAX_PX] = far * scale
    out[C_DEV_MAX_SHARE] = far * scale * scale
    out[C_DEV_MAX_AT] = w.along[at] * scale * scale
    out[C_AREA_SHARE] = out[C_AREA_PX2] * scale * scale
    spread(w.along, w.m + 1, four)
    out[C_OVERSHOOT_PX] = (four[2] - w.along[w.m]) * scale
    out[C_BACKTRACK_PX] = -four[3] * scale


cdef inline void turns(Scratch *w, double *out) noexcept nogil:
    # Turns, curvature, and the curve measures of three successive vertices.
    cdef Py_ssize_t k, n = w.m - 1, critical = 0, bows = 0
    cdef double ax, ay, squared, scale, sines = 0, cosines = 0, pi = 3.141592653589793
    cdef double four[4]
    out[C_TURN_SUM_RAD] = out[C_TURN_ABS_SUM_RAD] = out[C_CRITICAL_POINTS] = 0
    if w.m < 1:
        return
    for k in range(w.m):
        scale = 1 / w.s[k]
        cosines += w.dx[k] * scale
        sines += w.dy[k] * scale
    out[C_HEADING_SPREAD] = 1 - sqrt(sines * sines + cosines * cosines) / w.m
    out[C_TURN_DENSITY_RAD_PX] = 0
    if n < 1:
        return
    for k in range(n):
        critical += fabs(w.curv[k]) < 0.0005
        ax = w.dx[k] + w.dx[k + 1]
        ay = w.dy[k] + w.dy[k + 1]
        squared = ax * ax + ay * ay
        w.tmp[bows] = fabs(w.cross[k]) / squared
        bows += squared > 0
    out[C_TURN_ABS_SUM_RAD] = spread(w.phi, n, out + C_TURN_MEAN_RAD)
    out[C_TURN_SUM_RAD] = out[C_TURN_MEAN_RAD] * n
    out[C_TURN_DENSITY_RAD_PX] = out[C_TURN_ABS_SUM_RAD] / out[C_PATH_PX]
    out[C_CURV_ABS_MEAN_RAD_PX] = spread(w.curv, n, out + C_CURV_MEAN_RAD_PX) / n
    out[C_CRITICAL_POINTS] = <double>critical
    out[C_CRITICAL_SHARE] = <double>critical / n
    spread(w.phi_abs, n, four)
    out[C_BEND_MEAN_RAD] = pi - four[0]
    if n > 1:
        out[C_BEND_SD_RAD] = four[1]
    out[C_BEND_MAX_RAD] = pi - four[3]
    out[C_BEND_MIN_RAD] = pi - four[2]
    spread(w.tmp, bows, out + C_BOW_MEAN)


cdef inline void jitter(Scratch *w, double *out) noexcept nogil:
    # The path from the third to the third-last vertex, against its moving mean over five vertices.
    cdef Py_ssize_t k, n = w.m - 3
    cdef double x, y, smooth
    if n < 1:
        return
    for k in range(n):
        w.tmp[k] = (w.qx[k] + w.qx[k + 1] + w.qx[k + 2] + w.qx[k + 3] + w.qx[k + 4]) * 0.2
        w.tmp2[k] = (w.qy[k] + w.qy[k + 1] + w.qy[k + 2] + w.qy[k + 3] + w.qy[k + 4]) * 0.2
    for k in range(n):
        x = w.qx[k + 2] - w.tmp[k]
        y = w.qy[k + 2] - w.tmp2[k]
        w.tmp3[k] = x * x + y * y
    out[C_JITTER_RMS_PX] = sqrt(total(w.tmp3, n) / n)
    # A step of the mean, without the places' own size: four of five vertices are in both means.
    for k in range(n - 1):
        x = (w.qx[k + 5] - w.qx[k]) * 0.2
        y = (w.qy[k + 5] - w.qy[k]) * 0.2
        w.tmp3[k] = sqrt(x * x + y * y)
    smooth = total(w.tmp3, n - 1)
    if smooth > 1e-6:
        out[C_JITTER_RATIO] = total(w.s + 2, n - 1) / smooth


cdef inline void self_crossings(Scratch *w, double *out) noexcept nogil:
    # Proper crossings only: both ends of each segment lie strictly on different sides of the other.
    cdef double px[17]
    cdef double py[17]
    cdef double side[17]
    cdef Py_ssize_t i, k, n = w.m if w.m < 16 else 16, found = 0, hits
    cdef double ax, ay, bx, by, one, two
    out[C_SELF_CROSSINGS] = 0
    # A path that never goes back along some axis cannot meet itself.
    if n < 3 or out[C_X_FLIPS] == 0 or out[C_Y_FLIPS] == 0 or out[C_DIRECTION_CHANGES] == 0:
        return
    for i in range(n + 1):
        k = i * w.m // n
        px[i] = w.qx[k]
        py[i] = w.qy[k]
    for i in range(n - 2):
        ax = px[i + 1] - px[i]
        ay = py[i + 1] - py[i]
        for k in range(i + 2, n + 1):
            side[k] = ax * (py[k] - py[i]) - ay * (px[k] - px[i])
        hits = 0
        for k in range(i + 2, n):
            hits += ((side[k] > 0) & (side[k + 1] < 0)) | ((side[k] < 0) & (side[k + 1] > 0))
        if hits == 0:
            continue
        for k in range(i + 2, n):
            if (side[k] > 0 and side[k + 1] < 0) or (side[k] < 0 and side[k + 1] > 0):
                bx = px[k + 1] - px[k]
                by = py[k + 1] - py[k]
                one = bx * (py[i] - py[k]) - by * (px[i] - px[k])
                two = bx * (py[i + 1] - py[k]) - by * (px[i + 1] - px[k])
                found += (one > 0 and two < 0) or (one < 0 and two > 0)
    out[C_SELF_CROSSINGS] = <double>found


cdef inline void device(const Points *p, Scratch *w, double *out) noexcept nogil:
    # Report intervals, the quantum of the steps, and their preferred directions.
    cdef Py_ssize_t i, same = 0
    cdef double x, y
    cdef double found[5]
    spread(w.dt, w.r, out + C_INTERVAL_MEAN_S)
    for i in range(1, p.n):
        same += p.t[i] == p.t[i - 1]
    out[C_SAME_TIME_SHARE] = <double>same / p.n
    if w.m < 1:
        return
    step_counts(w.dx, w.dy, w.m, found)
    out[C_AXIS_PARALLEL_SHARE] = found[0] / w.m
    out[C_DIAGONAL_SHARE] = found[1] / w.m
    out[C_UNIT_STEP_SHARE] = found[2] / w.m
    out[C_FRACTION_STEP_SHARE] = (w.m - found[3]) / w.m
    out[C_EVEN_STEP_SHARE] = found[4] / w.m
    for i in range(w.m):
        x = fabs(w.dx[i])
        y = fabs(w.dy[i])
        w.tmp[i] = lower(choose(x > 0, x, y), choose(y > 0, y, x))
    sum_size_hi_lo(w.tmp, w.m, found)
    out[C_STEP_QUANTUM_PX] = found[3]
