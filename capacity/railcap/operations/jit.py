"""How loops are compiled by numba: into the cache, without the interpreter's lock, and with little to compile."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from numba import njit

Marks = Callable[[Callable[..., Any]], Any]
"""A decorator that compiles a function."""


def compilers(file: str, modules: Iterable[str]) -> tuple[Marks, Marks]:
    """Return the decorators for the compiled functions of a folder.

    Parameters
    ----------
    file : str
        A file of that folder.
    modules : iterable of str
        Names of its modules whose functions or constants are compiled; all are compiled anew if one of them changes.

    Returns
    -------
    tuple of two decorators
        For a function that Python calls; for one that only compiled functions call. None of either makes an array.
    """
    paths = [Path(__file__), *(Path(file).with_name(f"{name}.py") for name in modules)]
    sources = tuple((path.stem, path.stat().st_mtime_ns) for path in paths)

    def compiled(**options: bool) -> Marks:
        def decorate(function: Callable[..., Any]) -> Any:
            dispatcher = njit(cache=True, nogil=True, error_model="numpy", _nrt=False, **options)(function)
            # The compiler looks at a function's own file alone to see whether its cached code is out of date, but that
            # code contains its callees from other files.
            cache_file: Any = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
            if cache_file is not None and hasattr(cache_file, "_version"):
                cache_file._version = (cache_file._version, sources)
            return dispatcher

        return decorate

    return compiled(), compiled(no_cpython_wrapper=True, no_cfunc_wrapper=True)
