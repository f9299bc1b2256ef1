"""Capacity of a corridor from a traffic mix, without a timetable: every method, section by section, side by side."""
