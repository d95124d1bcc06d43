"""Compares the table with OpenAPI documents of console and cloud."""
