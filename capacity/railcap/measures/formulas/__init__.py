"""Capacity methods from hand figures: each a function with its source, its units and its assumptions.

    from railcap.measures.formulas import scott

    scott(running_min=20, block_min=100, efficiency=0.75, saturation=0.8).trains  # 9

`catalogue` describes them all by name; docs/methods.md explains them. Thresholds that differ by administration are
rows of a table (`railcap.formats.thresholds`).
"""

from railcap.measures.formulas.cis import cis_double_track, cis_single_track, cis_traffic
from railcap.measures.formulas.cis_period import cis_period
from railcap.measures.formulas.headways import headway_cycle, heterogeneity, platform_throat
from railcap.measures.formulas.india import charted, scott
from railcap.measures.formulas.occupation import compression, occupation, section_clearing
from railcap.measures.formulas.running import petersen_meets, running_allowance
from railcap.measures.formulas.uic import capacity_utilisation, practical_capacity, uic405, uic406

__all__ = [
    "capacity_utilisation",
    "charted",
    "cis_double_track",
    "cis_period",
    "cis_single_track",
    "cis_traffic",
    "compression",
    "headway_cycle",
    "heterogeneity",
    "occupation",
    "petersen_meets",
    "platform_throat",
    "practical_capacity",
    "running_allowance",
    "scott",
    "section_clearing",
    "uic405",
    "uic406",
]
