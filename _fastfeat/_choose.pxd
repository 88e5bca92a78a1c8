# Choices without a branch. In C, because Cython writes its conditional expressions as if and else, and
# compilers make jumps of those; as plain functions they become one instruction and can be vectorised.

cdef extern from *:
    """
    static inline double ff_lower(double a, double b) { return a < b ? a : b; }
    static inline double ff_upper(double a, double b) { return a < b ? b : a; }
    static inline double ff_choose(int yes, double a, double b) { return yes ? a : b; }

    /* Six lanes: the smaller values to the first row, the larger ones to the other. */
    #if defined(__SSE2__) || defined(_M_X64)
    #include <emmintrin.h>
    static inline void ff_exchange(double *one, double *other) {
        for (int k = 0; k < 6; k += 2) {
            __m128d a = _mm_loadu_pd(one + k), b = _mm_loadu_pd(other + k);
            _mm_storeu_pd(one + k, _mm_min_pd(a, b));
            _mm_storeu_pd(other + k, _mm_max_pd(a, b));
        }
    }
    #else
    static inline void ff_exchange(double *one, double *other) {
        for (int k = 0; k < 6; k++) {
            double a = one[k], b = other[k];
            one[k] = ff_lower(a, b);
            other[k] = ff_upper(a, b);
        }
    }
    #endif
    """
    double lower "ff_lower"(double a, double b) noexcept nogil
    double upper "ff_upper"(double a, double b) noexcept nogil
    double choose "ff_choose"(bint yes, double a, double b) noexcept nogil
    void exchange "ff_exchange"(double *one, double *other) noexcept nogil
