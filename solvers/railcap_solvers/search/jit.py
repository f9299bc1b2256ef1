"""How the search is compiled."""

from __future__ import annotations

from railcap.operations.jit import compilers

COMPILED = (
    "dispatch",
    "earliest",
    "gaps",
    "give_way",
    "jit",
    "layout",
    "moves",
    "occupation",
    "orders",
    "planner",
    "prospects",
    "push",
    "recombine",
    "walk",
    "work",
)

entry, inner = compilers(__file__, COMPILED)
"""Mark functions that Python calls, and those that only compiled functions call."""
