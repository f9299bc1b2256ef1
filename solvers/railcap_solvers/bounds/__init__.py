"""Lower bounds that do not come from an exact model."""
