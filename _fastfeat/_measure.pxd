# All features of one action.

from libc.math cimport NAN

from _fastfeat._action cimport MM, SCROLL, Facts, Points, Scratch
from _fastfeat._columns cimport C_COUNT
from _fastfeat._frequency cimport spectrum
from _fastfeat._motion cimport coupling, moments, orders, profile, submovements
from _fastfeat._paths cimport angular, derivatives, knots, speeds, steps, vertices
from _fastfeat._performance cimport click, context, rests, scroll
from _fastfeat._spatial cimport chord, device, extent, flips, jitter, self_crossings, turns


cdef inline void measure(const Points *p, const Facts *f, Scratch *w, double *out) noexcept nogil:
    # p.n >= 4 (2 for SCROLL); the scratch space holds at least p.n + 2 values a series.
    cdef Py_ssize_t i
    for i in range(C_COUNT):
        out[i] = NAN
    context(p, f, out)
    if f.kind == SCROLL:
        scroll(p, w, out)
        return
    vertices(p, w)
    steps(w)
    knots(p, w)
    speeds(w)
    derivatives(w)
    angular(w)
    flips(w, out)
    chord(w, out)
    extent(w, out)
    turns(w, out)
    jitter(w, out)
    self_crossings(w, out)
    device(p, w, out)
    moments(w, out)
    orders(w, out)
    profile(w, out)
    submovements(w, out)
    coupling(w, out)
    rests(w, out)
    if f.frequency:
        spectrum(w, out)
    if f.kind != MM:
        click(p, f, w, out)
