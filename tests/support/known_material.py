"""Where the material with known answers is; it is not part of railcap, so its tests skip where it is absent."""

import os
from pathlib import Path

import pytest

VARIABLE = "RAILCAP_BENCHMARKS"


def material(name: str) -> Path:
    """Return the folder `name` of the material; skips the test, or the whole module, if it is absent."""
    root = os.environ.get(VARIABLE)
    if not root:
        pytest.skip(f"set {VARIABLE} to the folder of problems with known answers", allow_module_level=True)
    folder = Path(root) / name
    if not folder.is_dir():
        pytest.skip(f"{VARIABLE} has no folder {name}", allow_module_level=True)
    return folder
