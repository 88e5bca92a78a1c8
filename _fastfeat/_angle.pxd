# Many angles at once, without a branch and without the C library: the same bits on every platform.

from libc.math cimport copysign, fabs

from _fastfeat._lanes cimport choose, lower, upper


cdef inline void angles(const double *y, const double *x, double *out, Py_ssize_t n) noexcept nogil:
    # atan2(y, x) to within 4e-16, for finite values; atan2(0, 0) is 0. -0 counts as 0.
    cdef double ax, ay, low, high, z, p, q
    cdef bint steep
    cdef Py_ssize_t i
    for i in range(n):
        ax = fabs(x[i])
        ay = fabs(y[i])
        low = lower(ax, ay)
        high = upper(ax, ay)
        high = choose(high > 0, high, 1)
        # tan(pi / 8) halves the range: atan(q) = pi / 4 + atan((q - 1) / (q + 1)).
        steep = low > 0.41421356237309503 * high
        q = choose(steep, low - high, low) / choose(steep, low + high, high)
        z = q * q
        p = 0.02113535694575133
        p = p * z - 0.04348050891958043
        p = p * z + 0.056883487686028446
        p = p * z - 0.06640233842869744
        p = p * z + 0.07689953486227682
        p = p * z - 0.09090773074092884
        p = p * z + 0.11111106180425145
        p = p * z - 0.1428571418097571
        p = p * z + 0.199999999988551
        p = p * z - 0.3333333333332844
        p = q + q * z * p
        p = p + choose(steep, 0.7853981633974483, 0)
        p = choose(ax < ay, 1.5707963267948966 - p, p)
        p = choose(x[i] < 0, 3.141592653589793 - p, p)
        out[i] = copysign(p, y[i] + 0.0)
