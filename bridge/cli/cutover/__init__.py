"""``cshis-bridge cutover`` and its sub-commands."""
