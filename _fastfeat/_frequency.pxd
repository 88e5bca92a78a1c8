# Lomb-Scargle power of the speed at 1 to 16 Hz. Whole frequencies, so that times count modulo one second.

from libc.math cimport atan2, cos, fmod, log, sin, sqrt

from _fastfeat._action cimport Scratch
from _fastfeat._columns cimport *

cdef enum:
    TOP_HZ = 16


cdef inline void phases(Scratch *w, double mean) noexcept nogil:
    # Centred speeds, and cosine and sine of the phase at 1 Hz in the middle of each interval.
    cdef Py_ssize_t j
    cdef double phase
    for j in range(w.r):
        w.tmp[j] = w.v[j] - mean
        phase = fmod(w.kt[j] + w.kt[j + 1], 2e9) * 3.141592653589793e-9
        w.cos1[j] = w.cosf[j] = cos(phase)
        w.sin1[j] = w.sinf[j] = sin(phase)


cdef inline double power(Scratch *w) noexcept nogil:
    # P(f) of the phases in cosf and sinf, times the sum of squares; the phases go on to the next frequency.
    cdef double c2[4]
    cdef double s2[4]
    cdef double yc[4]
    cdef double ys[4]
    cdef double c, s, y, phi, length, one, other, found = 0
    cdef Py_ssize_t i, j, r = w.r
    cdef int k
    for k in range(4):
        c2[k] = s2[k] = yc[k] = ys[k] = 0
    for j in range(r, r + 3):
        w.cosf[j] = w.sinf[j] = w.tmp[j] = 0
    for i in range(0, r, 4):
        for k in range(4):
            c = w.cosf[i + k]
            s = w.sinf[i + k]
            y = w.tmp[i + k]
            c2[k] += c * c - s * s
            s2[k] += 2 * c * s
            yc[k] += y * c
            ys[k] += y * s
    for j in range(r):
        c = w.cosf[j]
        s = w.sinf[j]
        w.cosf[j] = c * w.cos1[j] - s * w.sin1[j]
        w.sinf[j] = s * w.cos1[j] + c * w.sin1[j]
    c = (c2[0] + c2[1]) + (c2[2] + c2[3])
    s = (s2[0] + s2[1]) + (s2[2] + s2[3])
    length = sqrt(c * c + s * s)
    phi = 0.5 * atan2(s, c)
    c = (yc[0] + yc[1]) + (yc[2] + yc[3])
    s = (ys[0] + ys[1]) + (ys[2] + ys[3])
    one = c * cos(phi) + s * sin(phi)
    other = s * cos(phi) - c * sin(phi)
    found = one * one / (0.5 * (r + length))
    if 0.5 * (r - length) >= 0.001 * r:
        found += other * other / (0.5 * (r - length))
    return found


cdef inline void spectrum(Scratch *w, double *out) noexcept nogil:
    cdef double p[TOP_HZ + 1]
    cdef double whole = 0, squares, top = 0, centre = 0, wide = 0, entropy = 0
    cdef double mean = out[C_V_MEAN_PX_S], sd = out[C_V_SD_PX_S]
    cdef int f
    if w.r < 4 or sd <= 1e-6 * mean:
        return
    squares = sd * sd * w.r
    phases(w, mean)
    for f in range(1, TOP_HZ + 1):
        p[f] = power(w) / squares
        whole += p[f]
        centre += f * p[f]
        top = p[f] if p[f] > top else top
    if whole == 0:
        return
    centre /= whole
    for f in range(1, TOP_HZ + 1):
        wide += (f - centre) * (f - centre) * p[f]
        entropy -= p[f] / whole * log(p[f] / whole) if p[f] > 0 else 0
    out[C_LS_POWER] = whole / TOP_HZ
    out[C_LS_SHARE_1_3HZ] = (p[1] + p[2] + p[3]) / whole
    out[C_LS_SHARE_4_7HZ] = (p[4] + p[5] + p[6] + p[7]) / whole
    out[C_LS_SHARE_8_12HZ] = (p[8] + p[9] + p[10] + p[11] + p[12]) / whole
    out[C_LS_SHARE_13_16HZ] = (p[13] + p[14] + p[15] + p[16]) / whole
    out[C_LS_CENTROID_HZ] = centre
    out[C_LS_SPREAD_HZ] = sqrt(wide / whole)
    out[C_LS_ENTROPY] = entropy / log(<double>TOP_HZ)
    out[C_LS_PEAK_SHARE] = top / whole
    for f in range(TOP_HZ, 0, -1):
        if p[f] >= 0.999999 * top:
            out[C_LS_PEAK_HZ] = f
