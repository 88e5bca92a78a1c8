# Choices without a branch. In C, because Cython writes its conditional expressions as if and else, and compilers
# make jumps of those; as plain functions they become one instruction and can be vectorised.

cdef extern from *:
    """
    static inline double ff_lower(double a, double b) { return a < b ? a : b; }
    static inline double ff_upper(double a, double b) { return a < b ? b : a; }
    static inline double ff_choose(int yes, double a, double b) { return yes ? a : b; }
    """
    double lower "ff_lower"(double a, double b) noexcept nogil
    double upper "ff_upper"(double a, double b) noexcept nogil
    double choose "ff_choose"(bint yes, double a, double b) noexcept nogil
