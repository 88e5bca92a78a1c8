"""The one Cython extension and its directives; everything else is in pyproject.toml."""

import os

from Cython.Build import cythonize
from setuptools import Extension, setup

DEBUG = os.environ.get("FASTFEAT_DEBUG") == "1"
# One wheel for CPython 3.11 and all later ones; docs/kernel.md says what it costs.
ABI3 = os.environ.get("FASTFEAT_ABI3") == "1"

kernel = Extension(
    "_fastfeat._kernel",
    ["_fastfeat/_kernel.pyx"],
    depends=["_fastfeat/_lanes.h"],
    # The flags change no result but make the same one everywhere: no fused multiply-add, no errno, no traps.
    extra_compile_args=["/O2"]
    if os.name == "nt"
    else ["-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off"],
    define_macros=[("CYTHON_LIMITED_API", "1"), ("Py_LIMITED_API", "0x030B0000")] if ABI3 else [],
    py_limited_api=ABI3,
)

setup(
    ext_modules=cythonize(
        [kernel],
        compiler_directives={
            "language_level": 3,
            "boundscheck": DEBUG,
            "wraparound": False,
            "initializedcheck": DEBUG,
            "cdivision": True,
            "embedsignature": True,
        },
    ),
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if ABI3 else {},
)
