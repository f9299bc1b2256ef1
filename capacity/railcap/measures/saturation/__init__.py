"""Exact saturation: the most train paths of a mix that fit into a window, with a bound, and what binds."""
