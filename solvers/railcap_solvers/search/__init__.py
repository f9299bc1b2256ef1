"""Constructive heuristic and neighbourhood search on operations problems, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from railcap_solvers.search.anneal import improve
    from railcap_solvers.search.engine import construct

__all__ = ["construct", "improve"]


def __getattr__(name: str) -> Any:
    """Import `construct` and `improve` when first asked for: they bring the compiler with them."""
    if name == "construct":
        from railcap_solvers.search.engine import construct

        return construct
    if name == "improve":
        from railcap_solvers.search.anneal import improve

        return improve
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
