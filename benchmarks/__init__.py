"""Measurements of the whole product; ``make bench`` prints the table that the README quotes."""
