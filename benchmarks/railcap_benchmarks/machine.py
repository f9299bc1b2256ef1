"""What a measurement ran on."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

from railcap import __version__


def machine() -> str:
    """Return processor, cores, system and Python."""
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [
            line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        processor = models[0] if models else processor
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def software() -> str:
    """Return railcap's version, and the commit of the working tree that it runs from; without that if installed."""
    asked = subprocess.run(
        ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
    )
    commit = f", commit {asked.stdout.strip()}" if asked.returncode == 0 else ""
    return f"railcap {__version__}{commit}"
