"""``cshis-bridge console ...``: one file a subject."""
