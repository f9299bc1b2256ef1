"""Writing files whole or not at all: one file beside its target, or a folder of files swapped in together.

Whoever reads a path sees the old file or the new one, never a part. A full disk, an error or Ctrl-C while writing
leaves the target as it was. A writer that is killed leaves at most a hidden ``*.partial``, which the next writer of the
same target removes; it tells a dead writer from a living one by the lock that the living one holds on it (POSIX).
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from uuid import uuid4

from railcap.errors import OutputError

_PARTIAL = ".partial"
_COMMITTED = ".railcap-committed"


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Give a temporary path to write; when the block ends well, the file there takes the place of `path` at once.

    The file is flushed to the disk before it takes the place. A link is followed; a device or pipe (``/dev/stdout``) is
    written straight.

    Raises
    ------
    OutputError
        If `path` cannot be written (no such folder, no right, disk full, a folder stands there); names `path`.
    """
    target = Path(path)
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "a folder stands there; give the name of a file")
        if target.exists() and not target.is_file():
            yield target
            return
        target = target.resolve()
        _remove_dead_partials(target.parent, f".{target.name}.")
        temporary, descriptor = _locked_partial(target)
        try:
            if target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            yield temporary
            _flush(temporary)
            temporary.replace(target)
            _flush(target.parent)
        finally:
            os.close(descriptor)
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise _cannot_write(path, error) from error


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write a whole file or leave what was there; raises `OutputError` naming `path`."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: str | Path, content: str) -> None:
    """Write a whole UTF-8 file with the line ends of `content`, or leave what was there; raises `OutputError`."""
    write_bytes(path, content.encode("utf-8"))


class OutputFolder:
    """A folder of files that appear together: a context manager around writing them.

    Files are built in a hidden folder inside `path` (so on the same disk) and moved into place when the block ends
    well; an error leaves `path` as it was. The moves of two runs into one folder never interleave: the later one
    replaces the earlier one's files altogether. If a run is killed during its moves, whole files of both
    runs may stand there until the next `OutputFolder` on `path`, which first completes the moves.

    Parameters
    ----------
    path : str or Path
        Made with its parents if missing.
    owned : iterable of str
        Names or patterns (``"timetable.json"``, ``"*.csv"``) of files that this kind of output may hold. Those that
        stand there and were not written this time are removed, so that nothing of an earlier run is left among the new.
        Other files are never touched.

    Raises
    ------
    OutputError
        On entering, writing or leaving, if the folder cannot be written (any ``OSError`` in the block); names `path`.

    Examples
    --------
    >>> import tempfile
    >>> out = Path(tempfile.mkdtemp()) / "out"
    >>> with OutputFolder(out) as folder:
    ...     _ = folder.file("hello.txt").write_text("hello")
    >>> (out / "hello.txt").read_text()
    'hello'
    """

    def __init__(self, path: str | Path, owned: Iterable[str] = ()) -> None:
        self.path = Path(path)
        self._owned = tuple(owned)
        self.building = self.path / f".{uuid4().hex[:12]}{_PARTIAL}"
        """In the block: the hidden folder to write into, with any writer."""
        self._lock: int | None = None
        self._made: list[Path] = []
        self.written: list[Path] = []
        """After the block: the files in place, sorted."""

    def __enter__(self) -> OutputFolder:
        try:
            self._made = _make_folder(self.path)
            while self._lock is None:
                self.building.mkdir()
                self._lock = _lock_if_there(self.building)
        except OSError as error:
            self._clear()
            raise _cannot_write(self.path, error) from error
        return self

    def file(self, name: str) -> Path:
        """Return where to write the file `name` (a relative path) now; it stands at ``path / name`` after the block."""
        place = self.building / name
        if not place.resolve().is_relative_to(self.building.resolve()):
            raise ValueError(f"{name!r} leads out of the output folder")
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._commit()
        except OSError as failure:
            raise _cannot_write(self.path, failure) from failure
        finally:
            self._clear()
        if isinstance(error, OSError):
            raise _cannot_write(self.path, error) from error
        if isinstance(error, OutputError) and str(self.building) in str(error):
            # People know the place by its own name, not by that of the hidden folder.
            raise OutputError(str(error).replace(str(self.building), str(self.path))) from error

    def _commit(self) -> None:
        names = sorted(
            file.relative_to(self.building).as_posix() for file in self.building.rglob("*") if file.is_file()
        )
        for name in names:
            _flush(self.building / name)
        with _locked_folder(self.path):
            _finish_commit(self.path)
            _check_places(self.path, names)
            # From this rename on the answer is complete on the disk: whoever comes next can finish the moves.
            self.building.rename(self.path / _COMMITTED)
            _finish_commit(self.path)
            self._remove_stale(set(names))
            _remove_dead_partials(self.path, ".")
            _flush(self.path)
        self.written = [self.path / name for name in names]

    def _remove_stale(self, names: set[str]) -> None:
        for pattern in self._owned:
            for file in list(self.path.glob(pattern)):
                if file.is_file() and file.relative_to(self.path).as_posix() not in names:
                    file.unlink()

    def _clear(self) -> None:
        shutil.rmtree(self.building, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        for folder in reversed(self._made):
            with suppress(OSError):  # not empty: somebody's answer is in it
                folder.rmdir()


def _cannot_write(path: str | Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    remedy = {
        errno.ENOSPC: "free some space or choose another place",
        errno.EDQUOT: "free some space or choose another place",
        errno.EFBIG: "the disk or a limit on file size does not allow more; choose another place",
        errno.ENOENT: "make the folder first or choose another place",
        errno.EACCES: "choose a place where you may write",
        errno.EROFS: "choose a place where you may write",
        errno.ENOTDIR: "a file stands where a folder is needed; choose another place",
    }.get(error.errno or 0, "")
    return OutputError(f"cannot write {path}: {reason}" + (f"; {remedy}" if remedy else ""))


def _make_folder(path: Path) -> list[Path]:
    """Make a folder with its parents; return those that were made, outermost first."""
    made = [folder for folder in (path, *path.parents) if not folder.exists()][::-1]
    path.mkdir(parents=True, exist_ok=True)
    return made


def _lock(descriptor: int, wait: bool = True) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def _locked_partial(target: Path) -> tuple[Path, int]:
    """Make a temporary file beside `target`; return it and the descriptor that holds its lock."""
    while True:
        temporary = target.parent / f".{target.name}.{uuid4().hex[:12]}{_PARTIAL}"
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666))
        descriptor = _lock_if_there(temporary)
        if descriptor is not None:
            return temporary, descriptor


def _lock_if_there(partial: Path) -> int | None:
    """Lock a new partial; None if another writer took it for a dead one's between its making and its locking."""
    try:
        descriptor = os.open(partial, os.O_RDONLY)
    except FileNotFoundError:
        return None
    _lock(descriptor)
    if partial.exists():
        return descriptor
    os.close(descriptor)
    return None


@contextmanager
def _locked_folder(path: Path) -> Iterator[None]:
    """Hold the lock of a folder, which dies with its holder and leaves no file behind."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _check_places(path: Path, names: Iterable[str]) -> None:
    for name in names:
        if (path / name).is_dir():
            raise IsADirectoryError(errno.EISDIR, f"a folder named {name} stands where a file must go")
        for parent in Path(name).parents:
            if (path / parent).exists() and not (path / parent).is_dir():
                raise NotADirectoryError(errno.ENOTDIR, f"a file named {parent} stands where a folder must go")


def _finish_commit(path: Path) -> None:
    """Move the files of a complete answer into place; also of one whose writer was killed while moving."""
    committed = path / _COMMITTED
    if not committed.is_dir():
        return
    for file in sorted(file for file in committed.rglob("*") if file.is_file()):
        place = path / file.relative_to(committed)
        place.parent.mkdir(parents=True, exist_ok=True)
        file.replace(place)
    shutil.rmtree(committed)


def _remove_dead_partials(folder: Path, prefix: str) -> None:
    """Remove what killed writers left: partial files or folders whose lock nobody holds."""
    for partial in folder.glob(f"{prefix}*{_PARTIAL}"):
        with suppress(OSError):
            descriptor = os.open(partial, os.O_RDONLY)
            try:
                if _lock(descriptor, wait=False):
                    shutil.rmtree(partial) if partial.is_dir() else partial.unlink()
            finally:
                os.close(descriptor)


def _flush(path: Path) -> None:
    """Put a file or folder onto the disk; a full disk may show itself only here."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system without fsync on folders
            raise
    finally:
        os.close(descriptor)
