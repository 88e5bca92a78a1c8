/* Two doubles at a time, and choices without a branch.

   In C, because Cython writes its conditional expressions as if and else, of which compilers make jumps, and
   because sums of doubles keep their order, so that compilers make no vectors of them. Here the order of every
   sum is fixed for two lanes; the results are the same bits with and without SSE2. */

#ifndef FASTFEAT_LANES_H
#define FASTFEAT_LANES_H

#include <math.h>
#include <stddef.h>

static inline double ff_lower(double a, double b) { return a < b ? a : b; }
static inline double ff_upper(double a, double b) { return a > b ? a : b; }
static inline double ff_choose(int yes, double a, double b) { return yes ? a : b; }

#if defined(__SSE2__) || defined(_M_X64)

#include <emmintrin.h>
typedef __m128d ff_pair;
static inline ff_pair ff_load(const double *v) { return _mm_loadu_pd(v); }
static inline ff_pair ff_both(double v) { return _mm_set1_pd(v); }
static inline ff_pair ff_two(double a, double b) { return _mm_set_pd(b, a); }
static inline void ff_store(double *to, ff_pair v) { _mm_storeu_pd(to, v); }
static inline ff_pair ff_add(ff_pair a, ff_pair b) { return _mm_add_pd(a, b); }
static inline ff_pair ff_sub(ff_pair a, ff_pair b) { return _mm_sub_pd(a, b); }
static inline ff_pair ff_mul(ff_pair a, ff_pair b) { return _mm_mul_pd(a, b); }
static inline ff_pair ff_min(ff_pair a, ff_pair b) { return _mm_min_pd(a, b); }
static inline ff_pair ff_max(ff_pair a, ff_pair b) { return _mm_max_pd(a, b); }
static inline ff_pair ff_abs(ff_pair a) { return _mm_andnot_pd(_mm_set1_pd(-0.0), a); }
/* What stands in `value` where the comparison holds, and 0 elsewhere. */
static inline ff_pair ff_if_less(ff_pair a, ff_pair b, ff_pair value) {
    return _mm_and_pd(_mm_cmplt_pd(a, b), value);
}
static inline ff_pair ff_if_equal(ff_pair a, ff_pair b, ff_pair value) {
    return _mm_and_pd(_mm_cmpeq_pd(a, b), value);
}
/* `a` where it is not 0, else `b`; `a` is not -0. */
static inline ff_pair ff_or_else(ff_pair a, ff_pair b) {
    return _mm_or_pd(a, _mm_and_pd(_mm_cmpeq_pd(a, _mm_setzero_pd()), b));
}

#else

typedef struct { double a, b; } ff_pair;
static inline ff_pair ff_two(double a, double b) { ff_pair p; p.a = a; p.b = b; return p; }
static inline ff_pair ff_load(const double *v) { return ff_two(v[0], v[1]); }
static inline ff_pair ff_both(double v) { return ff_two(v, v); }
static inline void ff_store(double *to, ff_pair v) { to[0] = v.a; to[1] = v.b; }
static inline ff_pair ff_add(ff_pair a, ff_pair b) { return ff_two(a.a + b.a, a.b + b.b); }
static inline ff_pair ff_sub(ff_pair a, ff_pair b) { return ff_two(a.a - b.a, a.b - b.b); }
static inline ff_pair ff_mul(ff_pair a, ff_pair b) { return ff_two(a.a * b.a, a.b * b.b); }
static inline ff_pair ff_min(ff_pair a, ff_pair b) { return ff_two(ff_lower(a.a, b.a), ff_lower(a.b, b.b)); }
static inline ff_pair ff_max(ff_pair a, ff_pair b) { return ff_two(ff_upper(a.a, b.a), ff_upper(a.b, b.b)); }
static inline ff_pair ff_abs(ff_pair a) { return ff_two(fabs(a.a), fabs(a.b)); }
static inline ff_pair ff_if_less(ff_pair a, ff_pair b, ff_pair value) {
    return ff_two(a.a < b.a ? value.a : 0, a.b < b.b ? value.b : 0);
}
static inline ff_pair ff_if_equal(ff_pair a, ff_pair b, ff_pair value) {
    return ff_two(a.a == b.a ? value.a : 0, a.b == b.b ? value.b : 0);
}
static inline ff_pair ff_or_else(ff_pair a, ff_pair b) {
    return ff_two(a.a != 0 ? a.a : b.a, a.b != 0 ? a.b : b.b);
}

#endif

/* Six lanes: the smaller values to the first row, the larger ones to the other. */
static inline void ff_exchange(double *one, double *other) {
    for (int k = 0; k < 6; k += 2) {
        ff_pair a = ff_load(one + k), b = ff_load(other + k);
        ff_store(one + k, ff_min(a, b));
        ff_store(other + k, ff_max(a, b));
    }
}

static inline double ff_sum4(ff_pair one, ff_pair other) {
    double v[4];
    ff_store(v, one);
    ff_store(v + 2, other);
    return (v[0] + v[1]) + (v[2] + v[3]);
}

/* Sum, sum of absolute values, largest and smallest; n >= 1. */
static inline void ff_range(const double *v, ptrdiff_t n, double *out) {
    ff_pair s0 = ff_both(0), s1 = s0, a0 = s0, a1 = s0;
    ff_pair h0 = ff_both(v[0]), h1 = h0, l0 = h0, l1 = h0;
    ptrdiff_t i = 0;
    for (; i + 4 <= n; i += 4) {
        ff_pair p = ff_load(v + i), q = ff_load(v + i + 2);
        s0 = ff_add(s0, p);
        s1 = ff_add(s1, q);
        a0 = ff_add(a0, ff_abs(p));
        a1 = ff_add(a1, ff_abs(q));
        h0 = ff_max(h0, p);
        h1 = ff_max(h1, q);
        l0 = ff_min(l0, p);
        l1 = ff_min(l1, q);
    }
    double sum = ff_sum4(s0, s1), size = ff_sum4(a0, a1), h[2], l[2];
    ff_store(h, ff_max(h0, h1));
    ff_store(l, ff_min(l0, l1));
    h[0] = ff_upper(h[0], h[1]);
    l[0] = ff_lower(l[0], l[1]);
    for (; i < n; i++) {
        sum += v[i];
        size += fabs(v[i]);
        h[0] = ff_upper(h[0], v[i]);
        l[0] = ff_lower(l[0], v[i]);
    }
    out[0] = sum;
    out[1] = size;
    out[2] = h[0];
    out[3] = l[0];
}

static inline double ff_total(const double *v, ptrdiff_t n) {
    ff_pair s0 = ff_both(0), s1 = s0;
    ptrdiff_t i = 0;
    for (; i + 4 <= n; i += 4) {
        s0 = ff_add(s0, ff_load(v + i));
        s1 = ff_add(s1, ff_load(v + i + 2));
    }
    double sum = ff_sum4(s0, s1);
    for (; i < n; i++) sum += v[i];
    return sum;
}

/* Sum of squared distances from a value. */
static inline double ff_squares(const double *v, ptrdiff_t n, double from) {
    ff_pair s0 = ff_both(0), s1 = s0, f = ff_both(from);
    ptrdiff_t i = 0;
    for (; i + 4 <= n; i += 4) {
        ff_pair p = ff_sub(ff_load(v + i), f), q = ff_sub(ff_load(v + i + 2), f);
        s0 = ff_add(s0, ff_mul(p, p));
        s1 = ff_add(s1, ff_mul(q, q));
    }
    double sum = ff_sum4(s0, s1);
    for (; i < n; i++) sum += (v[i] - from) * (v[i] - from);
    return sum;
}

/* Changes of sign along six series of one length, zeros left out. No product of two values may underflow. */
static inline void ff_sign_changes(const double **series, ptrdiff_t n, double *changes) {
    for (int k = 0; k < 6; k += 2) {
        const double *one = series[k], *other = series[k + 1];
        ff_pair zero = ff_both(0), last = zero, count = zero;
        for (ptrdiff_t i = 0; i < n; i++) {
            ff_pair v = ff_add(ff_two(one[i], other[i]), zero); /* +0 for -0 */
            count = ff_add(count, ff_if_less(ff_mul(v, last), zero, ff_both(1)));
            last = ff_or_else(v, last);
        }
        ff_store(changes + k, count);
    }
}

/* Adding and taking away 2^52 rounds to a whole number. */
static inline ff_pair ff_whole(ff_pair v) {
    ff_pair big = ff_both(4503599627370496.0);
    return ff_sub(ff_add(v, big), big);
}

/* Counts of steps (dx, dy): parallel to an axis, diagonal, of at most one px on each axis, of whole numbers, of
   even numbers. The series must be readable up to an even length. */
static inline void ff_step_counts(const double *dx, const double *dy, ptrdiff_t n, double *counts) {
    ff_pair zero = ff_both(0), one = ff_both(1), half = ff_both(0.5);
    ff_pair axis = zero, diagonal = zero, unit = zero, whole = zero, even = zero;
    for (ptrdiff_t i = 0; i < n; i += 2) {
        ff_pair here = i + 1 < n ? one : ff_two(1, 0);
        ff_pair x = ff_abs(ff_load(dx + i)), y = ff_abs(ff_load(dy + i));
        ff_pair u = ff_mul(x, half), w = ff_mul(y, half);
        axis = ff_add(axis, ff_if_equal(ff_min(x, y), zero, here));
        diagonal = ff_add(diagonal, ff_if_equal(x, y, here));
        unit = ff_add(unit, ff_if_less(ff_max(x, y), ff_both(1.0000000000000002), here));
        whole = ff_add(whole, ff_if_equal(ff_whole(x), x, ff_if_equal(ff_whole(y), y, here)));
        even = ff_add(even, ff_if_equal(ff_whole(u), u, ff_if_equal(ff_whole(w), w, here)));
    }
    ff_pair all[5];
    all[0] = axis, all[1] = diagonal, all[2] = unit, all[3] = whole, all[4] = even;
    for (int k = 0; k < 5; k++) {
        double lanes[2];
        ff_store(lanes, all[k]);
        counts[k] = lanes[0] + lanes[1];
    }
}

#endif
