"""Capacity from a timetable: what trains hold, how far they can be pushed together, what they consume of the line."""
