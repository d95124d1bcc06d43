"""``cshis-bridge sim`` and its sub-commands."""
