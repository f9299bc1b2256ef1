"""The outer doors of railcap: the command line."""
