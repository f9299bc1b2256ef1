"""Where an answer is written: looked at before ten minutes of work go into it, and told at the end."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from railcap.errors import InputError, OutputError

_PAGES = (".html", ".htm")


def check_writable(folder: Path, names: Iterable[str] = ()) -> None:
    """Make a folder and try to write in it; no folder may stand where a file of these names is to go.

    Raises
    ------
    OutputError
    """
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} cannot be written to: it is a file, not a folder; give the name of a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b".")
    except OSError as error:
        raise OutputError(f"{folder} cannot be written to: {error.strerror or error}; choose another folder") from error
    taken = [name for name in names if (folder / name).is_dir()]
    if taken:
        text = f"a folder stands where a file must go: {', '.join(taken)}; choose another folder or take it away"
        raise OutputError(f"{folder} cannot be written to: {text}")


def check_page(path: Path) -> None:
    """Look at where an HTML page is to stand; its name must say what it is, so that no table or scenario is lost by it.

    Raises
    ------
    OutputError
    """
    if path.suffix.lower() not in _PAGES:
        raise OutputError(f"{path} cannot be written: the name of a page must end with .html, such as report.html")
    check_writable(path.parent, [path.name])


def check_new(folder: Path) -> None:
    """Raise `InputError` unless `folder` is new or empty: a scenario must not mix with another's tables."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} exists and is not an empty folder; choose another")


def print_written(files: Sequence[Path]) -> None:
    """Print the files that were written below an answer; nothing if there are none."""
    if files:
        print("\n".join(["", "written:", *(f"  {path}" for path in files)]))
