# The spatial features of one action, and the signature of its device.

from libc.math cimport fabs, sqrt

from _fastfeat._action cimport Points, Scratch
from _fastfeat._columns cimport *
from _fastfeat._stats cimport median_abs, sign_changes, spread, total, total_abs


cdef inline double share(double part, double whole, double undefined) noexcept nogil:
    return part / whole if whole > 0 else undefined


cdef inline void extent(Scratch *w, double *out) noexcept nogil:
    # Length, chord, travel and extent of the path; needs out[C_CHORD_PX].
    cdef Py_ssize_t k
    cdef double x_hi = 0, x_lo = 0, y_hi = 0, y_lo = 0, path = total(w.s, w.m), nan = out[C_STRAIGHTNESS]
    for k in range(1, w.m + 1):
        x_hi = w.qx[k] if w.qx[k] > x_hi else x_hi
        x_lo = w.qx[k] if w.qx[k] < x_lo else x_lo
        y_hi = w.qy[k] if w.qy[k] > y_hi else y_hi
        y_lo = w.qy[k] if w.qy[k] < y_lo else y_lo
    out[C_PATH_PX] = path
    out[C_STRAIGHTNESS] = share(out[C_CHORD_PX], path, nan)
    out[C_X_TRAVEL_PX] = total_abs(w.dx, w.m)
    out[C_Y_TRAVEL_PX] = total_abs(w.dy, w.m)
    out[C_X_TRAVEL_SHARE] = share(out[C_X_TRAVEL_PX], out[C_X_TRAVEL_PX] + out[C_Y_TRAVEL_PX], nan)
    out[C_WIDTH_PX] = x_hi - x_lo
    out[C_HEIGHT_PX] = y_hi - y_lo
    spread(w.s, w.m, out + C_STEP_MEAN_PX)
    out[C_X_FLIPS] = <double>sign_changes(w.dx, w.m)
    out[C_Y_FLIPS] = <double>sign_changes(w.dy, w.m)


cdef inline void chord(Scratch *w, double *out) noexcept nogil:
    # Everything in the chord's own axes: along it and across it.
    cdef Py_ssize_t k, n = w.m + 1, at = 0
    cdef double cx = w.qx[w.m], cy = w.qy[w.m], length = sqrt(cx * cx + cy * cy), area = 0
    cdef double four[4]
    for k in range(w.m):
        area += w.qx[k] * w.dy[k] - w.qy[k] * w.dx[k]
    out[C_CHORD_PX] = length
    out[C_AREA_PX2] = 0.5 * area
    if length == 0:
        return
    out[C_DIRECTION_SIN] = cy / length
    out[C_DIRECTION_COS] = cx / length
    for k in range(n):
        w.along[k] = cx * w.qx[k] + cy * w.qy[k]
        w.across[k] = cx * w.qy[k] - cy * w.qx[k]
        if fabs(w.across[k]) > fabs(w.across[at]):
            at = k
    out[C_AXIS_CROSSINGS] = <double>sign_changes(w.across, n)
    spread(w.across, n, four)
    out[C_DEV_OFFSET_PX] = four[0] / length
    out[C_DEV_SD_PX] = four[1] / length
    out[C_DEV_LEFT_PX] = four[2] / length
    out[C_DEV_RIGHT_PX] = -four[3] / length
    out[C_DEV_MAX_PX] = fabs(w.across[at]) / length
    out[C_DEV_MEAN_PX] = total_abs(w.across, n) / n / length
    out[C_DEV_MAX_SHARE] = out[C_DEV_MAX_PX] / length
    out[C_DEV_MAX_AT] = w.along[at] / (length * length)
    out[C_AREA_SHARE] = out[C_AREA_PX2] / (length * length)
    spread(w.along, n, four)
    out[C_OVERSHOOT_PX] = (four[2] - length * length) / length
    if out[C_OVERSHOOT_PX] < 0 or four[2] == w.along[w.m]:
        out[C_OVERSHOOT_PX] = 0
    out[C_BACKTRACK_PX] = -four[3] / length if four[3] < 0 else 0
    for k in range(w.m):
        w.tmp[k] = cx * w.dx[k] + cy * w.dy[k]
        w.tmp2[k] = cx * w.dy[k] - cy * w.dx[k]
    out[C_DIRECTION_CHANGES] = <double>sign_changes(w.tmp, w.m)
    out[C_ORTHOGONAL_CHANGES] = <double>sign_changes(w.tmp2, w.m)


cdef inline void turns(Scratch *w, double *out) noexcept nogil:
    # Turns, curvature, and the curve measures of three successive vertices.
    cdef Py_ssize_t k, n = w.m - 1, critical = 0, bows = 0
    cdef double ax, ay, squared, sines = 0, cosines = 0
    cdef double pi = 3.141592653589793
    out[C_TURN_SUM_RAD] = 0
    out[C_TURN_ABS_SUM_RAD] = 0
    out[C_INFLECTIONS] = 0
    out[C_CRITICAL_POINTS] = 0
    for k in range(w.m):
        cosines += w.dx[k] / w.s[k]
        sines += w.dy[k] / w.s[k]
    if w.m > 0:
        out[C_HEADING_SPREAD] = 1 - sqrt(sines * sines + cosines * cosines) / w.m
        out[C_TURN_DENSITY_RAD_PX] = 0
    if n < 1:
        return
    out[C_TURN_SUM_RAD] = total(w.phi, n)
    out[C_TURN_ABS_SUM_RAD] = total_abs(w.phi, n)
    out[C_TURN_DENSITY_RAD_PX] = out[C_TURN_ABS_SUM_RAD] / out[C_PATH_PX]
    out[C_INFLECTIONS] = <double>sign_changes(w.cross, n)
    spread(w.phi, n, out + C_TURN_MEAN_RAD)
    out[C_TURN_ABS_MEDIAN_RAD] = median_abs(w.phi, n, w.tmp)
    spread(w.curv, n, out + C_CURV_MEAN_RAD_PX)
    out[C_CURV_ABS_MEAN_RAD_PX] = total_abs(w.curv, n) / n
    out[C_CURV_ABS_MEDIAN_RAD_PX] = median_abs(w.curv, n, w.tmp)
    for k in range(n):
        critical += fabs(w.curv[k]) < 0.0005
        w.tmp[k] = pi - fabs(w.phi[k])
        ax = w.dx[k] + w.dx[k + 1]
        ay = w.dy[k] + w.dy[k + 1]
        squared = ax * ax + ay * ay
        if squared > 0:
            w.tmp2[bows] = fabs(w.cross[k]) / squared
            bows += 1
    out[C_CRITICAL_POINTS] = <double>critical
    out[C_CRITICAL_SHARE] = <double>critical / n
    spread(w.tmp, n, out + C_BEND_MEAN_RAD)
    spread(w.tmp2, bows, out + C_BOW_MEAN)


cdef inline void jitter(Scratch *w, double *out) noexcept nogil:
    # The path from the third to the third-last vertex, against its moving mean over five vertices.
    cdef Py_ssize_t k
    cdef double x, y, fx, fy, raw = 0, smooth = 0, squared = 0, last_x = 0, last_y = 0
    if w.m < 4:
        return
    for k in range(2, w.m - 1):
        x = (w.qx[k - 2] + w.qx[k - 1] + w.qx[k] + w.qx[k + 1] + w.qx[k + 2]) / 5
        y = (w.qy[k - 2] + w.qy[k - 1] + w.qy[k] + w.qy[k + 1] + w.qy[k + 2]) / 5
        fx = w.qx[k] - x
        fy = w.qy[k] - y
        squared += fx * fx + fy * fy
        if k > 2:
            raw += w.s[k - 1]
            smooth += sqrt((x - last_x) * (x - last_x) + (y - last_y) * (y - last_y))
        last_x = x
        last_y = y
    out[C_JITTER_RMS_PX] = sqrt(squared / (w.m - 3))
    if smooth > 1e-6:
        out[C_JITTER_RATIO] = raw / smooth


cdef inline void self_crossings(Scratch *w, double *out) noexcept nogil:
    # Proper crossings only: both ends of each segment lie strictly on different sides of the other.
    cdef double px[33]
    cdef double py[33]
    cdef double side[33]
    cdef Py_ssize_t i, k, n = w.m if w.m < 32 else 32, found = 0
    cdef double ax, ay, bx, by, one, two
    for i in range(n + 1):
        k = i * w.m // n if n > 0 else 0
        px[i] = w.qx[k]
        py[i] = w.qy[k]
    for i in range(n - 2):
        ax = px[i + 1] - px[i]
        ay = py[i + 1] - py[i]
        for k in range(i + 2, n + 1):
            side[k] = ax * (py[k] - py[i]) - ay * (px[k] - px[i])
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
    cdef Py_ssize_t i, same = 0, axis = 0, diagonal = 0, unit = 0, even = 0, fraction = 0
    cdef double x, y, least = 1e9
    cdef long long lx, ly
    spread(w.dt, w.r, out + C_INTERVAL_MEAN_S)
    if w.r > 0:
        out[C_INTERVAL_MEDIAN_S] = median_abs(w.dt, w.r, w.tmp)
    for i in range(1, p.n):
        same += p.t[i] == p.t[i - 1]
    out[C_SAME_TIME_SHARE] = <double>same / p.n
    if w.m < 1:
        return
    for i in range(w.m):
        x = fabs(w.dx[i])
        y = fabs(w.dy[i])
        lx = <long long>x
        ly = <long long>y
        if 0 < x < least:
            least = x
        if 0 < y < least:
            least = y
        axis += (x == 0) | (y == 0)
        diagonal += x == y
        unit += (x <= 1) & (y <= 1)
        if <double>lx != x or <double>ly != y:
            fraction += 1
        else:
            even += ((lx | ly) & 1) == 0
    out[C_STEP_QUANTUM_PX] = least
    out[C_AXIS_PARALLEL_SHARE] = <double>axis / w.m
    out[C_DIAGONAL_SHARE] = <double>diagonal / w.m
    out[C_UNIT_STEP_SHARE] = <double>unit / w.m
    out[C_EVEN_STEP_SHARE] = <double>even / w.m
    out[C_FRACTION_STEP_SHARE] = <double>fraction / w.m
