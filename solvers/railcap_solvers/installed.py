"""Which version of a package is installed, without importing it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def installed(package: str) -> str | None:
    """Return the version of an installed package, None if there is none; imports nothing."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
