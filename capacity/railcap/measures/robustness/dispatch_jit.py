"""How the day of a dispatcher is compiled."""

from __future__ import annotations

from railcap.operations.jit import compilers

entry, inner = compilers(__file__, ("dispatch_arrays", "dispatch_jit", "dispatch_kernel", "dispatch_orders"))
"""Mark functions that Python calls, and those that only compiled functions call."""
