"""Builds the Windows installer (MSI) and the portable folder from pinned and checked parts."""
