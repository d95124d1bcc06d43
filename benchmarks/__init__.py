"""Measurements of the whole product; ``make bench`` prints the table of docs/reference/figures.md."""
