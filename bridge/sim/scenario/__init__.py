"""Worlds to start from, as documents."""
