"""The simulated upload centre."""
