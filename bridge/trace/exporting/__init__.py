"""A trace as Parquet, for questions of one's own."""
