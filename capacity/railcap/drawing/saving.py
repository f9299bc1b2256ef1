"""Drawings to files: SVG, PDF and PNG, whole or not at all, the same bytes for the same drawing."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railcap.errors import OutputError
from railcap.formats.atomic import write_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".svg", ".pdf", ".png")
PNG_DPI = 110

# Nothing that changes from run to run goes into a file: no dates, no random ids. Texts stay texts, so that a train can
# be searched for. A dollar in a name is a dollar and begins no formula.
# One font alone, which comes with matplotlib, is looked for: the others of its list would be named in every text.
_SETTINGS: Any = {
    "svg.hashsalt": "railcap",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "text.parse_math": False,
    "font.sans-serif": ["DejaVu Sans"],
}
_METADATA: dict[str, dict[str, Any]] = {
    ".svg": {"Date": None, "Creator": "railcap"},
    ".pdf": {"CreationDate": None, "Creator": "railcap", "Producer": None},
    ".png": {"Software": "railcap"},
}


def output_paths(path: str | Path | Sequence[str | Path]) -> list[Path]:
    """Return the files to write: one path without a suffix of a drawing means all of `SUFFIXES`.

    Raises
    ------
    OutputError
        If one of several paths has another suffix.
    """
    if isinstance(path, str | Path):
        path = Path(path)
        if path.suffix.lower() in SUFFIXES:
            return [path]
        return [path.with_name(path.name + suffix) for suffix in SUFFIXES]
    paths = [Path(one) for one in path]
    for one in paths:
        if one.suffix.lower() not in SUFFIXES:
            raise OutputError(f"cannot draw {one}: the name must end with one of {', '.join(SUFFIXES)}")
    return paths


def save(build: Callable[[], Figure], paths: Sequence[Path]) -> list[Path]:
    """Build a figure and write it to every path; raises `OutputError` naming the one that failed."""
    import matplotlib as mpl

    with mpl.rc_context(_SETTINGS):
        figure = build()
        for path in paths:
            suffix = path.suffix.lower()
            content = io.BytesIO()
            figure.savefig(content, format=suffix[1:], dpi=PNG_DPI, metadata=_METADATA[suffix])
            write_bytes(path, content.getvalue())
    return list(paths)


def save_pages(figures: Iterable[Callable[[], Figure]], path: Path) -> None:
    """Build figures one by one and write them as the pages of a PDF; raises `OutputError` naming it."""
    import matplotlib as mpl
    from matplotlib.backends.backend_pdf import PdfPages

    content = io.BytesIO()
    with mpl.rc_context(_SETTINGS), PdfPages(content, metadata=_METADATA[".pdf"]) as pages:
        for build in figures:
            pages.savefig(build())
    write_bytes(path, content.getvalue())
