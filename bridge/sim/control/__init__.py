"""Steering the simulators from outside."""
