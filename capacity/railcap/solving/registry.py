"""The backends that are installed, found by entry point (group ``railcap.backends``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from railcap.errors import BackendMissing, UnknownBackend
from railcap.solving.backend import Backend

GROUP = "railcap.backends"


@dataclass(frozen=True, slots=True)
class BackendState:
    """A backend by name: itself if it can be loaded, and why it cannot run (None: it can)."""

    name: str
    backend: Backend | None
    problem: str | None


def backend_names() -> tuple[str, ...]:
    """Return the names of all backends that are registered, working or not, sorted; loads none of them."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def backends() -> dict[str, BackendState]:
    """Return every registered backend by name; one that cannot be loaded is told, and hides no other."""
    return {name: _state(name) for name in backend_names()}


def require_known(names: Sequence[str]) -> None:
    """Raise `UnknownBackend` if nothing is registered under one of the names; the message names those that exist."""
    known = backend_names()
    unknown = [repr(name) for name in names if name not in known]
    if unknown:
        raise UnknownBackend(f"no backend is called {' or '.join(unknown)}; there are: {', '.join(known) or 'none'}")


def get_backend(name: str) -> Backend:
    """Return the backend `name`, ready to solve.

    Raises
    ------
    UnknownBackend
        If nothing is registered under that name; the message names those that exist.
    BackendMissing
        If it cannot be loaded, or its library is not installed; the message says what to do.
    """
    require_known([name])
    state = _state(name)
    if state.backend is None or state.problem is not None:
        raise BackendMissing(f"backend {name!r} cannot run: {state.problem}")
    return state.backend


def version_of(name: str) -> str | None:
    """Return the version of a backend's library, None if it does not tell or cannot be loaded."""
    state = _state(name) if name in backend_names() else None
    tell = getattr(state.backend, "version", None) if state is not None else None
    try:
        version = tell() if callable(tell) else None
    except Exception:  # a fault of somebody else's package, and only of its version
        return None
    return None if version is None else str(version)


def _state(name: str) -> BackendState:
    point = next(iter(entry_points(group=GROUP, name=name)))
    try:
        backend = _load(point)
    except (Exception, SystemExit) as error:  # whatever somebody else's package raises must not break the others
        return BackendState(name, None, f"{point.value} cannot be loaded: {type(error).__name__}: {error}")
    try:
        return BackendState(name, backend, backend.is_available())
    except Exception as error:
        return BackendState(name, backend, f"its own check failed: {type(error).__name__}: {error}")


def _load(point: EntryPoint) -> Backend:
    backend = point.load()()
    missing = [part for part in ("name", "features", "is_available", "solve") if not hasattr(backend, part)]
    if missing:
        raise TypeError(f"a backend needs {', '.join(missing)}")
    return cast("Backend", backend)
