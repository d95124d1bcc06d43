"""The simulated portal of Viet Nam."""
