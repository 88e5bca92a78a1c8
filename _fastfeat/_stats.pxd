# Statistics of a series of finite values. A result that is undefined is left as it is (NaN).

from libc.math cimport fabs, sqrt


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


cdef inline double squares(const double *v, Py_ssize_t n, double mean) noexcept nogil:
    # Sum of squared distances from the mean: the second pass keeps what a running sum of squares loses.
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


cdef inline void spread(const double *v, Py_ssize_t n, double *out) noexcept nogil:
    # mean, sd, max, min into out[0..3]
    cdef double hi, lo
    cdef Py_ssize_t i
    if n < 1:
        return
    out[0] = total(v, n) / n
    if n > 1:
        out[1] = sqrt(squares(v, n, out[0]) / n)
    hi = lo = v[0]
    for i in range(1, n):
        hi = v[i] if v[i] > hi else hi
        lo = v[i] if v[i] < lo else lo
    out[2] = hi
    out[3] = lo


cdef inline double kth(double *v, Py_ssize_t n, Py_ssize_t k) noexcept nogil:
    # The k-th smallest; afterwards v[0..k-1] <= v[k] <= v[k+1..n-1] (Hoare's selection).
    cdef Py_ssize_t left = 0, right = n - 1, i, j
    cdef double pivot, swap
    while left < right:
        pivot = v[(left + right) >> 1]
        i = left
        j = right
        while i <= j:
            while v[i] < pivot:
                i += 1
            while pivot < v[j]:
                j -= 1
            if i <= j:
                swap = v[i]
                v[i] = v[j]
                v[j] = swap
                i += 1
                j -= 1
        if j < k:
            left = i
        if k < i:
            right = j
    return v[k]


cdef inline double quantile(double *v, Py_ssize_t n, double q) noexcept nogil:
    # Linear between the neighbours (type 7). Reorders v; n >= 1.
    cdef double where = q * (n - 1), low, high
    cdef Py_ssize_t k = <Py_ssize_t>where, i
    low = kth(v, n, k)
    if k == n - 1:
        return low
    high = v[k + 1]
    for i in range(k + 2, n):
        high = v[i] if v[i] < high else high
    return low + (high - low) * (where - k)


cdef inline double median_abs(const double *v, Py_ssize_t n, double *scratch) noexcept nogil:
    # Median of |v|, n >= 1; scratch holds n values.
    cdef Py_ssize_t i
    for i in range(n):
        scratch[i] = fabs(v[i])
    return quantile(scratch, n, 0.5)


cdef inline Py_ssize_t sign_changes(const double *v, Py_ssize_t n) noexcept nogil:
    # Changes of sign along v, zeros left out.
    cdef Py_ssize_t i, changes = 0
    cdef double last = 0
    for i in range(n):
        if v[i] == 0:
            continue
        if v[i] * last < 0:
            changes += 1
        last = 1 if v[i] > 0 else -1
    return changes
