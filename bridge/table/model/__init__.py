"""The frozen rows of the mapping table."""
