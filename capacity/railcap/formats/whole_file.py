"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from railcap.errors import OutputError


def write_whole(path: Path, content: bytes | str) -> None:
    """Write a file by way of a temporary one beside it; an existing file is replaced at once or left as it was.

    Parameters
    ----------
    content : bytes or str
        Text is written as UTF-8.

    Raises
    ------
    OutputError
        If the folder does not exist, the disk is full, or writing is not allowed; nothing half-written is left.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        with temporary.open("xb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"{path} could not be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
