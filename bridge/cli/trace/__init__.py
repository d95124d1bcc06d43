"""``cshis-bridge trace`` and its sub-commands."""
