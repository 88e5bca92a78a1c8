# Quantiles. Short series are sorted six at a time, long ones are searched one by one; neither way branches
# on values.

from libc.math cimport INFINITY, fabs

from _fastfeat._lanes cimport exchange, lower, upper

cdef enum:
    LANES = 6
    SHORT = 64


cdef inline void sort_lanes(double *rows, Py_ssize_t n) noexcept nogil:
    # Batcher's merge exchange (Knuth, TAOCP 3, 5.2.2 M): a network, so all lanes go through it together.
    cdef Py_ssize_t top = 1, p, q, r, d, i, j, end
    while 2 * top < n:
        top *= 2
    p = top
    while p > 0:
        q = top
        r = 0
        d = p
        while True:
            i = r
            while i < n - d:
                end = i + p if i + p < n - d else n - d
                for j in range(i, end):
                    exchange(rows + j * LANES, rows + (j + d) * LANES)
                i += 2 * p
            if q == p:
                break
            d = q - p
            q >>= 1
            r = p
        p >>= 1


cdef inline void fill(
    double *rows, int lane, const double *v, Py_ssize_t n, Py_ssize_t height
) noexcept nogil:
    # |v| into one lane, and infinity below it.
    cdef Py_ssize_t i
    for i in range(n):
        rows[i * LANES + lane] = fabs(v[i])
    for i in range(n if n > 0 else 0, height):
        rows[i * LANES + lane] = INFINITY


cdef inline double between(double low, double high, double where) noexcept nogil:
    # Linear between neighbours (type 7); high may be infinity where the part is 0.
    return low + (high - low) * where if where > 0 else low


cdef inline double in_lane(const double *rows, int lane, Py_ssize_t n, double q) noexcept nogil:
    cdef double where = q * (n - 1)
    cdef Py_ssize_t k = <Py_ssize_t>where
    return between(rows[k * LANES + lane], rows[(k + 1 if k + 1 < n else k) * LANES + lane], where - k)


cdef inline Py_ssize_t below(
    double *v, Py_ssize_t start, Py_ssize_t end, double pivot, bint equal
) noexcept nogil:
    # Bring what is below the pivot (or equal to it) to the front; returns where the rest begins.
    cdef Py_ssize_t i, edge = start
    cdef double value
    for i in range(start, end):
        value = v[i]
        v[i] = v[edge]
        v[edge] = value
        edge += (value < pivot) | (equal & (value == pivot))
    return edge


cdef inline double middle(double a, double b, double c) noexcept nogil:
    return upper(lower(a, b), lower(upper(a, b), c))


cdef inline double kth(double *v, Py_ssize_t n, Py_ssize_t k) noexcept nogil:
    # The k-th smallest; afterwards nothing before it is larger and nothing after it smaller.
    cdef Py_ssize_t start = 0, end = n, edge
    cdef double pivot
    while end - start > 1:
        pivot = middle(v[start], v[(start + end) >> 1], v[end - 1])
        edge = below(v, start, end, pivot, False)
        if k < edge:
            end = edge
            continue
        start = below(v, edge, end, pivot, True)
        if k < start:
            return pivot
    return v[k]


cdef inline double quantile(double *v, Py_ssize_t n, double q) noexcept nogil:
    # Reorders v; n >= 1.
    cdef double where = q * (n - 1), low, high
    cdef Py_ssize_t k = <Py_ssize_t>where, i
    low = kth(v, n, k)
    high = v[k + 1] if k + 1 < n else low
    for i in range(k + 2, n):
        high = lower(high, v[i])
    return between(low, high, where - k)


cdef inline double median_abs(const double *v, Py_ssize_t n, double *scratch) noexcept nogil:
    # Median of |v|, n >= 1; scratch holds n values.
    cdef Py_ssize_t i
    for i in range(n):
        scratch[i] = fabs(v[i])
    return quantile(scratch, n, 0.5)
