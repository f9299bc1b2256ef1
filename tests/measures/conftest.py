"""Puts the random scenarios and timetables of tests/planning on the path."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "planning"))
