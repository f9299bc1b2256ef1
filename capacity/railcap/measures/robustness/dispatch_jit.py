"""How the day of a dispatcher is compiled: into the cache, without the interpreter's lock, and with little work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import njit

_COMPILED = ("dispatch_arrays", "dispatch_jit", "dispatch_kernel", "dispatch_orders")
_SOURCES = tuple((name, Path(__file__).with_name(f"{name}.py").stat().st_mtime_ns) for name in _COMPILED)


def _compiled(**options: bool) -> Callable[[Callable[..., Any]], Any]:
    def decorate(function: Callable[..., Any]) -> Any:
        dispatcher = njit(cache=True, nogil=True, error_model="numpy", _nrt=False, **options)(function)
        # The compiler looks at a function's own file alone to see whether its cached code is out of date, but that
        # code contains its callees from other files.
        cache_file: Any = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
        if cache_file is not None and hasattr(cache_file, "_version"):
            cache_file._version = (cache_file._version, _SOURCES)
        return dispatcher

    return decorate


entry = _compiled()
"""Marks a function that Python calls."""

inner = _compiled(no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""Marks a function that only compiled functions call; none of them makes an array."""
