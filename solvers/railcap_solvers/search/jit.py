"""How the search is compiled: into the cache, without the interpreter's lock, and with little to compile."""

from __future__ import annotations

from numba import njit

entry = njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
"""Marks a function that Python calls."""

inner = njit(cache=True, nogil=True, error_model="numpy", _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""Marks a function that only compiled functions call."""
