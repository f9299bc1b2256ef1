"""The contract of a solver, and the one door to every solver."""
