"""The backends that ship, and how a program of somebody else's is started beside them."""

import os
from pathlib import Path

SHIPPED = ("auto", "cbc", "cp-sat", "highs", "plain", "scip")
LINEAR = ("cbc", "highs", "scip")


def environment_with(*folders: Path) -> dict[str, str]:
    """Return this process's environment with these folders, and that of the helper modules, on Python's path."""
    path = [*(str(folder) for folder in folders), str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))}
