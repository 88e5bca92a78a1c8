"""The one Cython extension and its directives; everything else is in pyproject.toml."""

import os

from Cython.Build import cythonize
from setuptools import Extension, setup

DEBUG = os.environ.get("FASTFEAT_DEBUG") == "1"

kernel = Extension(
    "_fastfeat._kernel",
    ["_fastfeat/_kernel.pyx"],
    depends=["_fastfeat/_lanes.h"],
    # The flags change no result but make the same one everywhere: no fused multiply-add, no errno, no traps.
    extra_compile_args=["/O2"]
    if os.name == "nt"
    else ["-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off"],
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
    )
)
