"""Reads numpydoc docstrings: what a formula says of itself is written once, where its code is."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass

_SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)
_ENTRY = re.compile(r"^(\w[\w, ]*) : .*\n((?: {4}.*\n|\n)*)", re.MULTILINE)
_SYMBOL = re.compile(r"^``(\w+)``, ")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an argument or a result means; `symbol` is its letter in the literature, ``""`` if it has none."""

    text: str
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """A docstring, taken apart.

    Parameters
    ----------
    title : str
        Its first paragraph.
    meanings : mapping of str to Meaning
        Its section Parameters, by name.
    rule : str
        The first paragraph of its section Notes: the formula.
    assumptions : tuple of str
        The list in its section Notes.
    source : str
        Its section References.
    """

    title: str
    meanings: Mapping[str, Meaning]
    rule: str
    assumptions: tuple[str, ...]
    source: str


def describe(described: object) -> Description:
    """Take apart the docstring of a function or a class."""
    head, *parts = _SECTION.split(inspect.getdoc(described) or "")
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    rule, *lists = re.split(r"\n\s*\n", sections.get("Notes", "").strip())
    return Description(
        title=_plain(head.strip().split("\n\n")[0]).rstrip("."),
        meanings=_meanings(sections.get("Parameters", "")),
        rule=_plain(rule),
        assumptions=tuple(
            _plain(item) for part in lists for item in re.split(r"^- ", part, flags=re.MULTILINE) if item
        ),
        source=_plain(sections.get("References", "")),
    )


def _meanings(section: str) -> dict[str, Meaning]:
    found = {}
    for names, text in _ENTRY.findall(section + "\n"):
        symbol = _SYMBOL.match(text.strip())
        plain = _plain(text.strip()[symbol.end() if symbol else 0 :]).rstrip(".")
        meaning = Meaning(plain[:1].upper() + plain[1:], symbol[1] if symbol else "")
        found.update({name.strip(): meaning for name in names.split(",")})
    return found


def _plain(text: str) -> str:
    return " ".join(text.replace("`", "").split())
