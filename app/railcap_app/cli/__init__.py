"""The command `railcap`."""
