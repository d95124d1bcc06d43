"""Simulators, engine and traces together in one process."""
