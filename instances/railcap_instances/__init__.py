"""Instances that ship with railcap, and scenarios from a seed."""
