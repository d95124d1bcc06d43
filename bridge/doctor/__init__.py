"""Findings about everything that a call needs. It changes nothing."""
