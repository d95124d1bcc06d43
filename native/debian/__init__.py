"""Builds the package for Debian and Ubuntu from pinned and checked parts, without root."""
