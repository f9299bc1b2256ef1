"""The progress of a solve on the error stream: one living line on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from railcap.operations.objective import gap
from railcap.operations.schedule import Schedule

if TYPE_CHECKING:
    from rich.live import Live

_PLAIN_EVERY_S = 3.0
_STARTING = "starting"


class ProgressLine:
    """A `Progress` for people: time, incumbent, bound, gap and what the solver does.

    Parameters
    ----------
    cost_scale : int
        Integer cost units per unit shown. May be set later, once the problem is known.
    """

    def __init__(self, cost_scale: int = 1) -> None:
        self.cost_scale = cost_scale
        self._name = ""
        self._begun_s = time.monotonic()
        self._objective: int | None = None
        self._bound: int | None = None
        self._message = _STARTING
        self._live: Live | None = None
        self._printed_s = -_PLAIN_EVERY_S
        self._printed = ""

    def __enter__(self) -> ProgressLine:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.live import Live
            from rich.text import Text

            self._live = Live(
                get_renderable=lambda: Text(self.line(), no_wrap=True, overflow="ellipsis"),
                console=Console(stderr=True),
                refresh_per_second=4,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=True,
            )
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
        elif kind is None:
            self._print(at_once=True)

    def begin(self, name: str) -> None:
        """Begin anew, with the backend of that name."""
        self._name, self._begun_s = name, time.monotonic()
        self._objective = self._bound = None
        self._message = _STARTING

    def incumbent(self, time_s: float, objective: int, schedule: Schedule) -> None:
        """Show a better answer."""
        is_first = self._objective is None
        self._objective = objective
        self._begun()
        self._print(at_once=is_first)

    def bound(self, time_s: float, bound: int) -> None:
        """Show a better bound."""
        self._bound = bound
        self._begun()
        self._print()

    def message(self, time_s: float, text: str) -> None:
        """Show what the solver does."""
        self._message = text
        self._print()

    def line(self) -> str:
        """Return the line as it stands now."""
        elapsed_s = time.monotonic() - self._begun_s
        parts = [f"{self._name:7} {elapsed_s:6.1f} s" if self._name else f"{elapsed_s:6.1f} s"]
        if self._objective is not None:
            parts.append(f"cost {self._objective / self.cost_scale:,.1f}")
        if self._bound is not None:
            parts.append(f"bound {self._bound / self.cost_scale:,.1f}")
        if self._objective is not None and self._bound is not None:
            parts.append(f"gap {gap(self._objective / self.cost_scale, self._bound / self.cost_scale):.1%}")
        return "  ".join([*parts, self._message]).rstrip()

    def _begun(self) -> None:
        if self._message == _STARTING:
            self._message = ""

    def _print(self, at_once: bool = False) -> None:
        now_s = time.monotonic()
        state = f"{self._name} {self._objective} {self._bound} {self._message}"
        if self._live is not None or state == self._printed:
            return
        if at_once or now_s - self._printed_s >= _PLAIN_EVERY_S:
            self._printed_s, self._printed = now_s, state
            print(self.line(), file=sys.stderr, flush=True)
