"""railcap: train paths on single-track corridors that cross borders, and how much traffic they can carry."""

__version__ = "0.1.0"
