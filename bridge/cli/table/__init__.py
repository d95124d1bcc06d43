"""``cshis-bridge table`` and its sub-commands."""
