"""How the day of a dispatcher is compiled."""

from __future__ import annotations

from railcap.operations.jit import compilers

COMPILED = ("dispatch_arrays", "dispatch_jit", "dispatch_kernel", "dispatch_orders")

entry, inner = compilers(__file__, COMPILED)
"""Mark functions that Python calls, and those that only compiled functions call."""
