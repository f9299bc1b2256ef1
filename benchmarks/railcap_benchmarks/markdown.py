"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a table; cells are as they shall be read."""
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *lines))


def text(value: float | str | None, form: str, unit: str = "") -> str:
    """Return a cell: the value in a form, with its unit; a dash for None."""
    return "-" if value is None else format(value, form) + unit
