"""The one place that keeps native libraries from clashing.

OR-Tools and highspy each bring a HiGHS; in one process OR-Tools must be imported first, or the process crashes.
"""

from __future__ import annotations

import importlib
import importlib.util


def import_ortools_first() -> None:
    """Import OR-Tools, if it is installed, before a library that clashes with it when it comes later."""
    if importlib.util.find_spec("ortools") is not None:
        importlib.import_module("ortools.sat.python.cp_model")
