"""The instances that ship with railcap: scenario folders under ``library``, by name."""

from __future__ import annotations

import tomllib
from pathlib import Path

_LIBRARY = Path(__file__).parent / "library"


def names() -> tuple[str, ...]:
    """Return the names of the shipped instances in alphabetical order."""
    return tuple(sorted(path.parent.name for path in _LIBRARY.glob("*/scenario.toml")))


def folder(name: str) -> Path:
    """Return the scenario folder of a shipped instance.

    Raises
    ------
    KeyError
        If no instance has that name; the message lists those that exist.
    """
    if name not in names():
        raise KeyError(f"no shipped instance is called {name!r}; there are {', '.join(names())}")
    return _LIBRARY / name


def describe(name: str) -> str:
    """Return what an instance is about in a sentence or two; raises ``KeyError`` as `folder` does."""
    with (folder(name) / "scenario.toml").open("rb") as file:
        return str(tomllib.load(file)["description"])
