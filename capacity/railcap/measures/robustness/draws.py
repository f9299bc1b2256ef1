"""Random numbers by name: what is drawn for a train at a place on a day depends on nothing else that is drawn.

Common random numbers: two timetables, or two tables of delays, that are simulated with one seed have the same numbers
for the same train, place and kind of delay, whatever trains there are besides. The generator counts (Philox, Salmon et
al. 2011, Parallel random numbers: as easy as 1, 2, 3), so that day 7,000 can be drawn without the days before.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np

from railcap.measures.robustness.delay_table import Floats

_PER_COUNT = 4  # numbers that Philox makes at a count


def uniform_numbers(seed: int, name: tuple[str, ...], first_day: int, days: int) -> Floats:
    """Return uniform numbers in [0, 1), one for each of some days.

    Parameters
    ----------
    name : tuple of str
        What they are drawn for.
    first_day : int
        The number of the first of the days, from 0.
    """
    text = "\x1f".join((str(seed), *name))
    key = np.frombuffer(blake2b(text.encode(), digest_size=16).digest(), "<u8").astype(np.uint64)
    count, before = divmod(first_day, _PER_COUNT)
    generator = np.random.Generator(np.random.Philox(counter=count, key=key))
    return generator.random(before + days)[before:]
