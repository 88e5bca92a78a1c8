# The functions of _lanes.h.

cdef extern from "_lanes.h":
    double lower "ff_lower"(double a, double b) noexcept nogil
    double upper "ff_upper"(double a, double b) noexcept nogil
    double choose "ff_choose"(bint yes, double a, double b) noexcept nogil
    void exchange "ff_exchange"(double *one, double *other) noexcept nogil
    void sum_size_hi_lo "ff_range"(const double *v, Py_ssize_t n, double *out) noexcept nogil
    double total "ff_total"(const double *v, Py_ssize_t n) noexcept nogil
    double squares "ff_squares"(const double *v, Py_ssize_t n, double origin) noexcept nogil
    void sign_changes "ff_sign_changes"(const double **series, Py_ssize_t n, double *changes) noexcept nogil
    void step_counts "ff_step_counts"(
        const double *dx, const double *dy, Py_ssize_t n, double *counts
    ) noexcept nogil
