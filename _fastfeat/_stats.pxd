# Statistics of a series of finite values. A result that is undefined is left as it is (NaN).

from libc.math cimport fabs, sqrt

from _fastfeat._choose cimport choose, lower, upper


cdef inline double total(const double *v, Py_ssize_t n) noexcept nogil:
    cdef double a = 0, b = 0, c = 0, d = 0
    cdef Py_ssize_t i, whole = n - n % 4
    for i in range(0, whole, 4):
        a += v[i]
        b += v[i + 1]
        c += v[i + 2]
        d += v[i + 3]
    for i in range(whole, n):
        a += v[i]
    return (a + b) + (c + d)


cdef inline double total_abs(const double *v, Py_ssize_t n) noexcept nogil:
    cdef double a = 0, b = 0, c = 0, d = 0
    cdef Py_ssize_t i, whole = n - n % 4
    for i in range(0, whole, 4):
        a += fabs(v[i])
        b += fabs(v[i + 1])
        c += fabs(v[i + 2])
        d += fabs(v[i + 3])
    for i in range(whole, n):
        a += fabs(v[i])
    return (a + b) + (c + d)


cdef inline double largest(const double *v, Py_ssize_t n) noexcept nogil:
    # n >= 1
    cdef double one = v[0], other = v[0]
    cdef Py_ssize_t i
    for i in range(0, n - 1, 2):
        one = upper(one, v[i])
        other = upper(other, v[i + 1])
    return upper(upper(one, other), v[n - 1])


cdef inline double span(const double *v, Py_ssize_t n) noexcept nogil:
    # Largest less smallest; n >= 1.
    cdef double hi = v[0], lo = v[0], hi2 = v[0], lo2 = v[0]
    cdef Py_ssize_t i
    for i in range(0, n - 1, 2):
        hi = upper(hi, v[i])
        lo = lower(lo, v[i])
        hi2 = upper(hi2, v[i + 1])
        lo2 = lower(lo2, v[i + 1])
    hi = upper(hi, v[n - 1])
    lo = lower(lo, v[n - 1])
    return upper(hi, hi2) - lower(lo, lo2)


cdef inline double squares(const double *v, Py_ssize_t n, double mean) noexcept nogil:
    # Sum of squared distances from the mean: a second pass keeps what a running sum of squares loses.
    cdef double a = 0, b = 0, c = 0, d = 0
    cdef Py_ssize_t i, whole = n - n % 4
    for i in range(0, whole, 4):
        a += (v[i] - mean) * (v[i] - mean)
        b += (v[i + 1] - mean) * (v[i + 1] - mean)
        c += (v[i + 2] - mean) * (v[i + 2] - mean)
        d += (v[i + 3] - mean) * (v[i + 3] - mean)
    for i in range(whole, n):
        a += (v[i] - mean) * (v[i] - mean)
    return (a + b) + (c + d)


cdef inline double spread(const double *v, Py_ssize_t n, double *out) noexcept nogil:
    # mean, sd, max, min into out[0..3]; returns the sum of |v|. Four lanes, so that they share instructions.
    cdef double sums[4]
    cdef double sizes[4]
    cdef double hi[4]
    cdef double lo[4]
    cdef Py_ssize_t i, whole = n - n % 4
    cdef int k
    if n < 1:
        return 0
    for k in range(4):
        sums[k] = sizes[k] = 0
        hi[k] = lo[k] = v[0]
    for i in range(0, whole, 4):
        for k in range(4):
            sums[k] += v[i + k]
            sizes[k] += fabs(v[i + k])
            hi[k] = upper(hi[k], v[i + k])
            lo[k] = lower(lo[k], v[i + k])
    for i in range(whole, n):
        sums[0] += v[i]
        sizes[0] += fabs(v[i])
        hi[0] = upper(hi[0], v[i])
        lo[0] = lower(lo[0], v[i])
    out[0] = ((sums[0] + sums[1]) + (sums[2] + sums[3])) / n
    if n > 1:
        out[1] = sqrt(squares(v, n, out[0]) / n)
    out[2] = upper(upper(hi[0], hi[1]), upper(hi[2], hi[3]))
    out[3] = lower(lower(lo[0], lo[1]), lower(lo[2], lo[3]))
    return (sizes[0] + sizes[1]) + (sizes[2] + sizes[3])


cdef inline void sign_changes(const double **series, Py_ssize_t n, Py_ssize_t *changes) noexcept nogil:
    # For six series of one length: changes of sign along each, zeros left out.
    cdef double last[6]
    cdef double v
    cdef Py_ssize_t i
    cdef int k
    for k in range(6):
        last[k] = 0
        changes[k] = 0
    for i in range(n):
        for k in range(6):
            v = series[k][i]
            changes[k] += v * last[k] < 0
            last[k] = choose(v > 0, 1, choose(v < 0, -1, last[k]))
