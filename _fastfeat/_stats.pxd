# Statistics of a series of finite values. A result that is undefined is left as it is (NaN).

from libc.math cimport sqrt

from _fastfeat._lanes cimport squares, sum_size_hi_lo


cdef inline double spread(const double *v, Py_ssize_t n, double *out) noexcept nogil:
    # mean, sd, max, min into out[0..3]; returns the sum of |v|. Two passes: a running sum of squares would
    # lose what the second pass keeps.
    cdef double found[4]
    if n < 1:
        return 0
    sum_size_hi_lo(v, n, found)
    out[0] = found[0] / n
    if n > 1:
        out[1] = sqrt(squares(v, n, out[0]) / n)
    out[2] = found[2]
    out[3] = found[3]
    return found[1]
