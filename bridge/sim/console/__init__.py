"""The simulated console."""
