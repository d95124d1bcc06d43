"""Worlds for the simulators, made of what a trace tells."""
